"""Moves a subject to another place of another canvas, and scales it where it must be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.crop import Box
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.strips import block_bounds
from segmenter.imaging.subject import Subject

_OPAQUE = 223
"""Alpha is scaled at seven eighths, and brought back after it: beside a hard edge the filter goes
too far by up to that, in colour and alpha alike. Cut off in alpha alone, it would be a bright rim.
"""

_LESS = [(value * _OPAQUE + 127) // 255 for value in range(256)]
_BACK = [min(255, (value * 255 + _OPAQUE // 2) // _OPAQUE) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Move:
    """From a box of a picture to a box of a canvas."""

    source: Box
    target: Box
    """It may reach beyond the canvas; what lies there is lost."""
    canvas: tuple[int, int]
    """Width and height."""

    @property
    def seen(self) -> Box | None:
        """The part of the target that the canvas has."""
        return self.target.within(*self.canvas)

    @property
    def scales(self) -> bool:
        """Whether the size changes."""
        return self.source.size != self.target.size

    def seen_source(self, seen: Box) -> tuple[float, float, float, float]:
        """Tells what part of the source becomes a part of the target, from the source's corner."""
        target, source = self.target, self.source
        across = source.width_px / target.width_px
        down = source.height_px / target.height_px
        return (
            (seen.left - target.left) * across,
            (seen.top - target.top) * down,
            min(source.width_px, (seen.right - target.left) * across),
            min(source.height_px, (seen.bottom - target.top) * down),
        )


def moved_matte(matte: Matte, move: Move) -> Matte:
    """Moves a matte; where it was not before it is 0."""
    canvas = Image.new("L", move.canvas)
    seen = move.seen
    if seen:
        plane = Image.fromarray(matte.alpha_u8).crop(move.source.edges)
        part = move.seen_source(seen)
        if move.scales:
            plane = _scaled(plane.point(_LESS), seen, part).point(_BACK)
        else:
            plane = plane.crop(_whole(part))
        canvas.paste(plane, seen.edges)
    return Matte(np.array(canvas), matte.foreground_found)


def moved(subject: Subject, move: Move) -> Subject:
    """Moves a subject; it is then shown wholly, and its colours are computed."""
    shown = subject.cut_to(move.source)
    rgb = Image.new("RGB", move.canvas)
    seen = move.seen
    if seen:
        part = move.seen_source(seen)
        if move.scales:
            colours = _scaled(_weighted(shown), seen, part).convert("RGBA").convert("RGB")
        else:
            colours = _composed(shown).crop(_whole(part))
        rgb.paste(colours, seen.edges)
    matte = moved_matte(subject.matte, move)
    return Subject(Picture(rgb, None, subject.icc_profile), matte, Box(0, 0, *move.canvas))


def _scaled(image: Image.Image, seen: Box, part: tuple[float, float, float, float]) -> Image.Image:
    """Scales a part of an image, smoothly.

    The filter has but one lobe that is negative, so that nothing shines around a subject.
    """
    return image.resize(seen.size, Image.Resampling.BICUBIC, part, reducing_gap=3.0)


def _whole(part: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(edge) for edge in part)
    return left, top, right, bottom


def _composed(shown: Subject) -> Image.Image:
    """Computes a subject's colours, mode RGB."""
    rgb = Image.new("RGB", shown.box.size)
    for top, bottom in block_bounds(0, shown.height_px, shown.width_px):
        rgb.paste(shown.rgb(top, bottom), (0, top))
    return rgb


def _weighted(shown: Subject) -> Image.Image:
    """Computes a subject's colours, weighted by their alpha, so that none bleeds; mode RGBa."""
    weighted = Image.new("RGBa", shown.box.size)
    for top, bottom in block_bounds(0, shown.height_px, shown.width_px):
        block = shown.rgb(top, bottom)
        block.putalpha(_less(shown.alpha_u8(top, bottom)))
        weighted.paste(block.convert("RGBa"), (0, top))
    return weighted


def _less(alpha_u8: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(alpha_u8).point(_LESS)
