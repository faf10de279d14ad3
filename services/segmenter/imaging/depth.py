"""Brings grey of more than 8 bits to 8, scaled over its range instead of clipped at 255."""

import math

from PIL import Image, TiffImagePlugin

DEEP_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})

# What values usually stand for. The first range that holds all of an image is taken, so that 8 or
# 12 bits stored in 16, which would come out black, show. Not so in a PNG, which says what is white.
_RANGES = ((0, 255), (0, 4095), (0, 65535), (-32768, 32767))
_FLOAT_RANGES = ((0, 1), *_RANGES)
_PNG_RANGE = (0, 65535)

_TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0


def to_8_bit(image: Image.Image) -> Image.Image:
    """Converts an image of one of `DEEP_MODES` to mode L.

    Raises:
        ValueError: there are values that are no numbers.
    """
    wide = image if image.mode in {"I", "F"} else image.convert("I")
    black, white = _PNG_RANGE if image.format == "PNG" else _range(wide)
    if _is_white_zero(image):
        black, white = white, black
    scale = 255 / (white - black)
    # The last step cuts off decimals, hence one half more.
    return wide.point(lambda value: value * scale + (0.5 - black * scale)).convert("L")


def _range(image: Image.Image) -> tuple[float, float]:
    low, high = image.getextrema()
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        raise TypeError("an image of one band was expected")
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("the image holds values that are no numbers")
    for black, white in _FLOAT_RANGES if image.mode == "F" else _RANGES:
        if black <= low and high <= white:
            return black, white
    return low, max(high, low + 1)


def _is_white_zero(image: Image.Image) -> bool:
    """Tells whether the values are inverted, which Pillow undoes only for 8 bits and fewer."""
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
    )
