"""Weighs colours and takes their means over squares."""

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address, at_pixels, at_rows, with_whole_rows
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

_LARGEST_SIDE = 256
"""Of a square: sums over more would exceed 32 bits."""

_weigh = kernel("weigh", POINTER, SIZE, POINTER, SIZE, *(SIZE, SIZE, SIZE), *(POINTER, POINTER))


def weighed(
    pixels_u8: NDArray[np.uint8], weight_u8: NDArray[np.uint8], side: int
) -> NDArray[np.float32]:
    """Takes the means of colours times weights, and of weights, over squares.

    Both are rounded as Pillow does, which is to whole numbers. Squares at the right and at the
    bottom are smaller where the size is no multiple.

    Args:
        pixels_u8: uint8 [H, W, 4], of which the fourth byte means nothing.
        weight_u8: uint8 [H, W], where 255 is one.
        side: of a square, in pixels, 1 to 256.

    Returns:
        Weighted colours and weights in 0..255, float32 [h, w, 4].

    Raises:
        ValueError: the arrays do not fit each other, or squares are too large.
    """
    height, width = weight_u8.shape
    if not 1 <= side <= _LARGEST_SIDE:
        raise ValueError(f"squares of {side} pixels a side cannot be summed up")
    cells_f32 = np.empty((-(-height // side), -(-width // side), 4), np.float32)
    weight_u8 = with_whole_rows(weight_u8)
    room_u32 = np.empty(2 * width, np.uint32)
    _weigh(
        *at_pixels(pixels_u8, (height, width)),
        *at_rows(weight_u8),
        width,
        height,
        side,
        address(cells_f32, np.float32, written=True),
        address(room_u32, np.uint32, written=True),
    )
    return cells_f32
