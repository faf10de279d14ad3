"""Enlarges a network's answer to the matte of a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from segmenter.imaging.picture import Picture
from segmenter.imaging.strips import block_bounds

_ALPHA_OF_BACKGROUND = 0.05
_ALPHA_OF_SUBJECT = 0.95
_ALPHA_OF_FOREGROUND = 0.5


@dataclass(frozen=True, slots=True)
class Matte:
    """The coverage of each pixel of a picture, uint8 [H, W]: 255 is subject, 0 is background."""

    alpha_u8: NDArray[np.uint8]
    foreground_found: bool
    """Whether the network's matte reaches one half anywhere. If not, this one is all zero."""


def matte(alpha_f32: NDArray[np.float32], picture: Picture) -> Matte:
    """Makes the matte of a picture from a network's answer, float32 [h, w] in 0..1.

    The answer is enlarged in float and rounded once, at the end. Its ends are snapped at fixed
    levels: networks come near 0 and 1 without reaching them, but a level taken from the
    picture's own extremes would invent a subject where there is none. The matte never exceeds
    the alpha the picture brought along.

    Whether there is a subject is judged by the answer itself: neither the size of the picture nor
    its own transparency makes a difference.
    """
    small = Image.fromarray(np.clip(alpha_f32, 0.0, 1.0))
    highest = float(alpha_f32.max())
    if highest < _ALPHA_OF_FOREGROUND:
        nothing_u8 = np.zeros((picture.height_px, picture.width_px), np.uint8)
        return Matte(nothing_u8, foreground_found=False)
    alpha_u8 = np.empty((picture.height_px, picture.width_px), np.uint8)
    # Block by block, so that no float plane of the full size ever exists.
    for top, bottom in block_bounds(0, picture.height_px, picture.width_px):
        rows_u8 = _snapped(_enlarged_rows(small, picture, top, bottom), highest)
        alpha_u8[top:bottom] = _within(rows_u8, picture.alpha, top)
    return Matte(alpha_u8, foreground_found=True)


def _enlarged_rows(
    small: Image.Image, picture: Picture, top: int, bottom: int
) -> NDArray[np.float32]:
    """Computes some rows of the enlarged answer; they join without seams.

    The filter looks beyond the box at the rest of `small`, so rows do not depend on where the
    blocks are cut.
    """
    scale = small.height / picture.height_px
    box = (0.0, top * scale, float(small.width), bottom * scale)
    size = (picture.width_px, bottom - top)
    return np.array(small.resize(size, Image.Resampling.BICUBIC, box=box))


def _snapped(rows_f32: NDArray[np.float32], highest: float) -> NDArray[np.uint8]:
    """Stretches 0.05..0.95 to 0..255, clips and rounds. Overwrites its input.

    Values over the answer's own `highest` are the filter's overshoot, and no sign of a subject.
    """
    np.minimum(rows_f32, highest, out=rows_f32)
    rows_f32 -= _ALPHA_OF_BACKGROUND
    rows_f32 *= 255 / (_ALPHA_OF_SUBJECT - _ALPHA_OF_BACKGROUND)
    rows_f32 += 0.5
    np.clip(rows_f32, 0.0, 255.0, out=rows_f32)
    return rows_f32.astype(np.uint8)


def _within(
    rows_u8: NDArray[np.uint8], source_alpha: Image.Image | None, top: int
) -> NDArray[np.uint8]:
    """Multiplies rows of the matte by the alpha that the source had there, if it had any."""
    if source_alpha is None:
        return rows_u8
    height, width = rows_u8.shape
    source_rows = source_alpha.crop((0, top, width, top + height))
    return np.array(ImageChops.multiply(Image.fromarray(rows_u8), source_rows))
