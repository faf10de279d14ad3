"""What an answer tells of its subject beside its pixels."""

from dataclasses import dataclass

from PIL import Image

from segmenter.imaging.crop import Box, visible_box
from segmenter.imaging.matte import Matte

_LEAST_UNCERTAIN, _MOST_UNCERTAIN = 26, 229
"""The alphas of 0.1 to 0.9, in 0..255."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a subject."""

    foreground_found: bool

    subject: Box | None = None
    """The smallest box in the upright image that holds all of its visible pixels, if any."""

    uncertainty: float = 0.0
    """The share of pixels with an alpha of 0.1 to 0.9 among the visible ones; 0 without those."""


def is_found(matte: Matte) -> bool:
    """Tells whether a subject is found of which something is visible.

    Where a region or the image's own alpha hides all of it, none is. Of an opaque image without a
    region, what the network says holds: its matte tells the same, unless it is a tiny one.
    """
    return matte.foreground_found and visible_box(matte) is not None


def facts_of(matte: Matte, width_px: int, height_px: int) -> Facts:
    """Measures the matte of an image of that upright size, which may be larger than the matte.

    A subject is found where `is_found` tells so.
    """
    box = visible_box(matte)
    if box is None:
        return Facts(foreground_found=False)
    counts = Image.fromarray(matte.alpha_u8).histogram()
    uncertain = sum(counts[_LEAST_UNCERTAIN : _MOST_UNCERTAIN + 1])
    subject = _enlarged(box, matte, width_px, height_px)
    return Facts(matte.foreground_found, subject, uncertain / sum(counts[1:]))


def _enlarged(box: Box, matte: Matte, width_px: int, height_px: int) -> Box:
    """Gives the box around all that a box of the matte shows in the image."""
    rows, columns = matte.alpha_u8.shape
    return Box(
        box.left * width_px // columns,
        box.top * height_px // rows,
        -(-box.right * width_px // columns),
        -(-box.bottom * height_px // rows),
    )
