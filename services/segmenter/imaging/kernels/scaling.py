"""Scales pictures: down by whole numbers, and to any size.

Both treat the fourth byte of a pixel as they do the others.
"""

from ctypes import c_double

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.kernels.arguments import address, at_pixels
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel
from segmenter.imaging.kernels.pixels import pixels_of

MOST_ROWS = 257
"""Sums of more would exceed 16 bits."""

_MOST_BYTES_AT_A_TIME = 1 << 20

_reduce = kernel("reduce", POINTER, SIZE, SIZE, SIZE, *(SIZE, SIZE), *(POINTER, SIZE, POINTER))
_resize = kernel(
    "resize",
    *(POINTER, SIZE, SIZE, SIZE, c_double, c_double),
    *(POINTER, SIZE, SIZE, POINTER, POINTER),
)
_taps = kernel("bicubic_taps", c_double, SIZE, returned=SIZE)


def reduced(image: Image.Image, across: int, down: int) -> NDArray[np.uint8]:
    """Takes means over rectangles, as `Image.reduce` does, uint8 [H, W, 4].

    Those at the right and at the bottom are smaller where the size is no multiple.

    Args:
        image: of mode RGB, whose fourth byte means nothing here either.
        across: width of a rectangle in pixels.
        down: height of a rectangle in pixels, 1 to 257.

    Raises:
        ValueError: the image has another mode, or rectangles are too high.
    """
    if across < 1 or not 1 <= down <= MOST_ROWS:
        raise ValueError(f"rectangles of {across} x {down} pixels cannot be summed up")
    width, height = image.size
    out_u8 = np.empty((-(-height // down), -(-width // across), 4), np.uint8)
    room_u16 = np.empty(4 * width, np.uint16)
    # Some rows at a time, since Pillow keeps those of large images in several pieces.
    rows = max(1, _MOST_BYTES_AT_A_TIME // (4 * width * down)) * down
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels_u8 = pixels_of(image.crop((0, top, width, bottom)))
        first, last = top // down, -(-bottom // down)
        _reduce(
            *at_pixels(pixels_u8, (bottom - top, width)),
            width,
            bottom - top,
            across,
            down,
            *at_pixels(out_u8[first:last], (last - first, out_u8.shape[1]), written=True),
            address(room_u16, np.uint16, written=True),
        )
    return out_u8


def resized(
    pixels_u8: NDArray[np.uint8], extent: tuple[float, float], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Scales to another size, bicubic and antialiased as `Image.resize` is, uint8 [H, W, 4].

    Down first and then across, each time rounded; Pillow's order depends on the sizes.

    Args:
        pixels_u8: uint8 [h, w, 4].
        extent: how much of its width and height the answer shows, in pixels from the upper left
            corner: the rest is what a last pixel holds too much, where it is a mean over less than
            the others.
        size: width and height of the answer in pixels.

    Raises:
        ValueError: the array is of another type or shape, or does not reach as far.
    """
    height, width, _ = pixels_u8.shape
    if not (0 < extent[0] <= width and 0 < extent[1] <= height and min(size) > 0):
        raise ValueError(f"{width} x {height} pixels cannot be scaled from {extent} to {size}")
    weights = sum(_taps(*each) * each[1] for each in zip(extent, size, strict=True))
    numbers_i32 = np.empty(weights + 2 * sum(size) + 4 * width, np.int32)
    row_u8 = np.empty((width, 4), np.uint8)
    out_u8 = np.empty((size[1], size[0], 4), np.uint8)
    _resize(
        *at_pixels(pixels_u8, (height, width)),
        width,
        height,
        *extent,
        address(out_u8, np.uint8, written=True),
        *size,
        address(numbers_i32, np.int32, written=True),
        address(row_u8, np.uint8, written=True),
    )
    return out_u8
