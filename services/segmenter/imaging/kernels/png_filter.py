"""Prepares rows for compression as PNG asks for it (ISO/IEC 15948, section 9)."""

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address, at_rows, of_shape
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

_png_paeth = kernel("png_paeth", POINTER, SIZE, POINTER, SIZE, SIZE, SIZE, POINTER)


def filtered(
    rows_u8: NDArray[np.uint8], above_u8: NDArray[np.uint8], channels: int
) -> NDArray[np.uint8]:
    """Takes from each byte Paeth's guess by its neighbours left and above.

    Args:
        rows_u8: uint8 [H, W * channels].
        above_u8: the row over the first one, uint8 [W * channels]; zeros over the first of all.
        channels: bytes of a pixel.

    Returns:
        uint8 [H, 1 + W * channels], the filter's number before each row.

    Raises:
        ValueError: the arrays do not fit each other.
    """
    height, width = rows_u8.shape
    of_shape(above_u8, (width,), "above_u8")
    if channels < 1 or width % channels:
        raise ValueError(f"rows of {width} bytes do not have pixels of {channels}")
    filtered_u8 = np.empty((height, 1 + width), np.uint8)
    _png_paeth(
        *at_rows(rows_u8),
        address(above_u8, np.uint8),
        width,
        height,
        channels,
        address(filtered_u8, np.uint8),
    )
    return filtered_u8
