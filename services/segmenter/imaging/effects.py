"""What a subject has below it of its own: the line around it, and its shadow."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.background import over_alpha, over_plane
from segmenter.imaging.blurring import blurred, reduction
from segmenter.imaging.crop import Box
from segmenter.imaging.foreground import soft_spans
from segmenter.imaging.subject import HIDDEN, Subject
from segmenter.imaging.widening import ROOM_PX, widened
from segmenter.scene_options import Colour, Shadow, Stroke

_MOST_BLUR_PX = 500

_REACH = 3
"""A blur reaches so many standard deviations, Pillow's exactly: it is three means in a row."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A plane of one colour."""

    colour: Colour
    alpha_u8: NDArray[np.uint8]
    """As large as the canvas, uint8 [H, W]; the colour's own alpha has gone into it."""


@dataclass(frozen=True, slots=True)
class Underlaid:
    """A subject, in sRGB, with layers below it, the topmost first. See `Shown`."""

    subject: Subject
    layers: tuple[Layer, ...]
    icc_profile: bytes | None = None

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.subject.width_px

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.subject.height_px

    def rgb(self, top: int, bottom: int) -> Image.Image:
        """See `Shown.rgb`."""
        rgb = self.subject.rgb(top, bottom)
        alpha_u8 = self.subject.alpha_u8(top, bottom)
        for layer in self.layers:
            plane_u8 = self._plane_u8(layer, top, bottom)
            _lay_below(rgb, alpha_u8, layer.colour, plane_u8)
            alpha_u8 = over_alpha(alpha_u8, plane_u8)
        return rgb

    def source_rgb(self, top: int, bottom: int) -> Image.Image:
        """See `Shown.source_rgb`."""
        return self.subject.source_rgb(top, bottom)

    def alpha_u8(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Shown.alpha_u8`."""
        alpha_u8 = self.subject.alpha_u8(top, bottom)
        for layer in self.layers:
            alpha_u8 = over_alpha(alpha_u8, self._plane_u8(layer, top, bottom))
        return alpha_u8

    def visible_box(self) -> Box | None:
        """See `Shown.visible_box`."""
        found = [Image.fromarray(layer.alpha_u8).getbbox() for layer in self.layers]
        boxes = [self.subject.visible_box(), *(Box(*each) for each in found if each)]
        edges = [box.edges for box in boxes if box]
        if not edges:
            return None
        left, top, right, bottom = zip(*edges, strict=True)
        return Box(min(left), min(top), max(right), max(bottom))

    def cut_to(self, box: Box) -> Self:
        """See `Shown.cut_to`."""
        return replace(self, subject=self.subject.cut_to(box))

    def _plane_u8(self, layer: Layer, top: int, bottom: int) -> NDArray[np.uint8]:
        box = self.subject.box
        return layer.alpha_u8[box.top + top : box.top + bottom, box.left : box.right]


def _lay_below(
    rgb: Image.Image, alpha_u8: NDArray[np.uint8], colour: Colour, plane_u8: NDArray[np.uint8]
) -> None:
    """Overwrites pixels with what they are over a plane; mixes those only that are soft."""
    rgb.paste(colour.rgb, mask=Image.fromarray(alpha_u8).point(HIDDEN))
    for start, end in soft_spans(alpha_u8):
        box = (start, 0, end, rgb.height)
        part_u8 = alpha_u8[:, start:end]
        rgb.paste(over_plane(rgb.crop(box), part_u8, colour, plane_u8[:, start:end]), box)


def underlaid(
    subject: Subject, stroke: Stroke | None, shadow: Shadow | None
) -> Subject | Underlaid:
    """Puts a line and a shadow below a subject that is shown wholly; nothing without a subject."""
    seen = subject.visible_box() if stroke or shadow else None
    if seen is None:
        return subject
    layers = []
    alpha_u8 = subject.matte.alpha_u8
    if stroke:
        layers.append(_line(alpha_u8, seen, stroke))
        alpha_u8 = over_alpha(alpha_u8, layers[0].alpha_u8)
    if shadow:
        layers.append(_cast(alpha_u8, seen, shadow))
    return Underlaid(subject, tuple(layers))


def _line(alpha_u8: NDArray[np.uint8], seen: Box, stroke: Stroke) -> Layer:
    """Draws the line around what is seen."""
    height_px, width_px = alpha_u8.shape
    roomy = seen.grown(stroke.width_px + ROOM_PX)
    # Nothing of it is needed beyond the canvas, of which the sides may be very unlike.
    room = _common(roomy, Box(0, 0, width_px, height_px).grown(ROOM_PX))
    line_u8 = widened(np.asarray(Image.fromarray(alpha_u8).crop(room.edges)), stroke.width_px)
    plane = Image.new("L", (width_px, height_px))
    plane.paste(_times(Image.fromarray(line_u8), stroke.colour.alpha), room.edges)
    return Layer(stroke.colour, np.asarray(plane))


def _cast(alpha_u8: NDArray[np.uint8], subject: Box, shadow: Shadow) -> Layer:
    """Casts the shadow of a plane; shares are of the box of the subject, without its line."""
    height_px, width_px = alpha_u8.shape
    sigma_px = min(max(0, shadow.blur.of(max(subject.size))), _MOST_BLUR_PX)
    by = (shadow.offset_x.of(subject.width_px), shadow.offset_y.of(subject.height_px))
    plane = Image.new("L", (width_px, height_px))
    caster = Image.fromarray(alpha_u8)
    found = caster.getbbox()
    if found:
        _paste_shadow(plane, caster.crop(found), (found[0] + by[0], found[1] + by[1]), sigma_px)
    return Layer(shadow.colour, np.asarray(_times(plane, shadow.colour.alpha)))


def _paste_shadow(
    plane: Image.Image, caster: Image.Image, at: tuple[int, int], sigma_px: int
) -> None:
    """Blurs an alpha, and puts it on an empty plane, its left upper corner `at` a place."""
    factor = reduction(sigma_px)
    reach_px = -(-_REACH * sigma_px // factor) + 1
    # Whole cells only, since one that is cut off would count as full; what is added to them lies on
    # both sides, so that what they show keeps its middle.
    width, height = (-(-side // factor) * factor for side in caster.size)
    room_x, room_y = (width - caster.width) // 2, (height - caster.height) // 2
    small = _in_cells(caster, Box(-room_x, -room_y, width - room_x, height - room_y), factor)
    roomy = small.crop((-reach_px, -reach_px, small.width + reach_px, small.height + reach_px))
    soft = blurred(roomy, sigma_px / factor)
    left, top = at[0] - room_x - reach_px * factor, at[1] - room_y - reach_px * factor
    whole = Box(left, top, left + soft.width * factor, top + soft.height * factor)
    part = whole.within(*plane.size)
    if part is None:
        return
    source = (
        (part.left - left) / factor,
        (part.top - top) / factor,
        (part.right - left) / factor,
        (part.bottom - top) / factor,
    )
    plane.paste(soft.resize(part.size, Image.Resampling.BICUBIC, box=source), part.edges)


def _in_cells(plane: Image.Image, box: Box, factor: int) -> Image.Image:
    """Takes the means of the cells of a box that holds a plane; beyond the plane nothing is.

    Longer sides go first: a narrow plane, of which the box is that many times as large, is then
    never filled up at its full length.
    """
    if box.width_px >= box.height_px:
        plane = plane.crop((box.left, 0, box.right, plane.height)).reduce((factor, 1))
        return plane.crop((0, box.top, plane.width, box.bottom)).reduce((1, factor))
    plane = plane.crop((0, box.top, plane.width, box.bottom)).reduce((1, factor))
    return plane.crop((box.left, 0, box.right, plane.height)).reduce((factor, 1))


def _common(one: Box, other: Box) -> Box:
    """Tells what two boxes have in common, which is not nothing."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    return Box(left, top, min(one.right, other.right), min(one.bottom, other.bottom))


def _times(plane: Image.Image, opacity: int) -> Image.Image:
    """Makes an alpha less opaque; 255 leaves it as it is."""
    return plane.point([(value * opacity + 127) // 255 for value in range(256)])
