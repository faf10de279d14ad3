"""Reduces a picture, or a part of it, to what a network takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.colour import to_srgb
from segmenter.imaging.part import WHOLE, Part
from segmenter.imaging.picture import Picture

_BEHIND_TRANSPARENCY = (128, 128, 128)


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture at the size of a network's input."""

    part: Part

    tensor_u8: NDArray[np.uint8]
    """What the network sees, [H, W, 3] in sRGB, grey where the picture is transparent."""

    guide_u8: NDArray[np.uint8]
    """The same place in the picture's own colours, [H, W, 3], those that it hides included."""


def view(picture: Picture, height_px: int, width_px: int, part: Part = WHOLE) -> View:
    """Stretches a part of a picture to a network's size.

    Bicubic, antialiased: between bilinear, which the networks were trained with, and Lanczos, it is
    never far behind the better one. Transparent parts show neutral grey instead of whatever colour
    is hidden there.
    """
    box = part.on(picture.width_px, picture.height_px)
    guide = _reduced(picture.rgb, (width_px, height_px), box)
    seen = guide
    if picture.alpha is not None:
        grey = Image.new("RGB", picture.rgb.size, _BEHIND_TRANSPARENCY)
        shown = Image.composite(picture.rgb, grey, picture.alpha)
        seen = _reduced(shown, (width_px, height_px), box)
    tensor_u8 = np.array(to_srgb(seen, picture.icc_profile))
    return View(part, tensor_u8, np.asarray(guide))


def _reduced(
    image: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int]
) -> Image.Image:
    # A first reduction by whole pixels is four times faster and no worse at a gap of 2.
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
