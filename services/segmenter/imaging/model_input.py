"""Reduces a picture to what a network takes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.colour import to_srgb
from segmenter.imaging.picture import Picture

_BEHIND_TRANSPARENCY = (128, 128, 128)


def model_input(picture: Picture, height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Stretches a picture to uint8 [height_px, width_px, 3] in sRGB.

    Antialiased bilinear, as the networks were trained (on composites, mean absolute errors are
    lower than with Lanczos). Transparent parts show neutral grey instead of whatever colour is
    hidden there.
    """
    rgb = picture.rgb
    if picture.alpha is not None:
        grey = Image.new("RGB", rgb.size, _BEHIND_TRANSPARENCY)
        rgb = Image.composite(rgb, grey, picture.alpha)
    # A first reduction by whole pixels is four times faster and no worse at a gap of 2.
    small = rgb.resize((width_px, height_px), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.array(to_srgb(small, picture.icc_profile))
