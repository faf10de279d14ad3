"""Unmixes the colours of soft edges, and joins colours and alpha."""

from ctypes import c_int

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import (
    address,
    at_pixels,
    at_rows,
    of_shape,
    with_whole_rows,
)
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

_BYTES_OF_ROOM = 18
"""A pixel of a row: four rows of colours, and a byte for each tile of them."""

_LARGEST_CELL_PX = 128
"""With larger ones sums would exceed 16 bits."""

_unmix = kernel(
    "unmix",
    *(POINTER, SIZE, POINTER, SIZE, SIZE, SIZE),
    *(POINTER, POINTER, SIZE, SIZE, c_int),
    *(SIZE, SIZE, POINTER, POINTER),
)
_cover = kernel("cover", POINTER, SIZE, POINTER, SIZE, SIZE, SIZE)


def unmix(
    pixels_u8: NDArray[np.uint8],
    share_u8: NDArray[np.uint8],
    cells: tuple[NDArray[np.uint8], NDArray[np.uint8], int],
    origin: tuple[int, int],
    weights_u8: NDArray[np.uint8],
) -> None:
    """Overwrites soft pixels, whose share is neither 0 nor 255, with the subject's own colours.

    Both colours are interpolated between the centres of cells, bilinear, first across and then
    down, each time rounded. Mixed as the share says, they explain the pixel but for a difference,
    of which as many 128ths as the weight says are added to the subject's colour.

    Args:
        pixels_u8: a part of the picture, uint8 [H, W, 4], of which the fourth byte is not touched
            on purpose and may be anything afterwards.
        share_u8: the subject's share of each pixel, uint8 [H, W].
        cells: the subject's colours and the background's, uint8 [h, w, 4], and the side of a cell
            in pixels, a power of two from 2 to 128.
        origin: where in the picture the part lies, left and top, in pixels.
        weights_u8: of a difference, by the share, uint8 [256] in 0..128.

    Raises:
        ValueError: the arrays do not fit each other.
    """
    height, width = share_u8.shape
    subject_u8, background_u8, cell_px = cells
    of_shape(weights_u8, (256,), "weights_u8")
    of_shape(background_u8, subject_u8.shape, "the background")
    _check_cells(subject_u8, cell_px, (origin[0] + width, origin[1] + height))
    if min(origin) < 0:
        raise ValueError(f"the part begins outside of the picture, at {origin}")
    # By name, so that they live for as long as the kernel runs.
    subject_u8, background_u8 = map(np.ascontiguousarray, (subject_u8, background_u8))
    weights_u8, share_u8 = np.ascontiguousarray(weights_u8), with_whole_rows(share_u8)
    room_u8 = np.empty(_BYTES_OF_ROOM * width, np.uint8)
    _unmix(
        *at_pixels(pixels_u8, (height, width), written=True),
        *at_rows(share_u8),
        width,
        height,
        address(subject_u8, np.uint8),
        address(background_u8, np.uint8),
        subject_u8.shape[1],
        subject_u8.shape[0],
        cell_px.bit_length() - 1,
        *origin,
        address(weights_u8, np.uint8),
        address(room_u8, np.uint8),
    )


def cover(pixels_u8: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]) -> None:
    """Writes alpha into pixels, and zeroes those of which it hides everything.

    Args:
        pixels_u8: uint8 [H, W, 4], of which the fourth byte becomes alpha.
        alpha_u8: uint8 [H, W].

    Raises:
        ValueError: the arrays do not fit each other.
    """
    height, width = alpha_u8.shape
    alpha_u8 = with_whole_rows(alpha_u8)
    _cover(
        *at_pixels(pixels_u8, (height, width), written=True),
        *at_rows(alpha_u8),
        width,
        height,
    )


def _check_cells(cells_u8: NDArray[np.uint8], cell_px: int, end: tuple[int, int]) -> None:
    if not 2 <= cell_px <= _LARGEST_CELL_PX or cell_px & (cell_px - 1):
        raise ValueError(f"cells of {cell_px} pixels are not a power of two from 2 to 128")
    height, width, channels = cells_u8.shape
    if channels != 4 or end[0] > width * cell_px or end[1] > height * cell_px:
        raise ValueError(f"cells {list(cells_u8.shape)} do not cover the part, up to {end}")
