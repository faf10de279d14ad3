"""Spreads colours from where they are known to everywhere, at a cost linear in the cells."""

from ctypes import c_float

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address, of_shape
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

_SPREAD_WEIGHT = 0.05 * 255
"""What the wider surroundings count beside a cell of full weight, which counts 255."""

_pull_and_push = kernel("pull_and_push", POINTER, SIZE, SIZE, c_float, POINTER)


def pulled_and_pushed(cells_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fills in colours from ever wider surroundings, the less the more is known on the spot.

    Source: S. Gortler et al., The Lumigraph, SIGGRAPH 1996, where weights are added and saturate;
    here they are averaged.

    Args:
        cells_f32: weighted colours and their weights in 0..255, float32 [H, W, 4].

    Returns:
        Colours in 0..255, float32 [H, W, 3]; black where all weights are zero.

    Raises:
        ValueError: the array is of another type or shape, or has no cells.
    """
    height, width, _ = cells_f32.shape
    of_shape(cells_f32, (height, width, 4), "cells_f32")
    if not cells_f32.size:
        raise ValueError("there are no cells to spread colours over")
    colours_f32 = np.array(cells_f32, order="C")
    room_f32 = np.empty((_smaller_cells(height, width) + width, 4), np.float32)
    _pull_and_push(
        address(colours_f32, np.float32, written=True),
        height,
        width,
        _SPREAD_WEIGHT,
        address(room_f32, np.float32, written=True),
    )
    return colours_f32[..., :3].clip(0, 255)


def _smaller_cells(height: int, width: int) -> int:
    """Counts the cells of all levels, each of half the sides, down to a single one."""
    count = 0
    while max(height, width) > 1:
        height, width = -(-height // 2), -(-width // 2)
        count += height * width
    return count
