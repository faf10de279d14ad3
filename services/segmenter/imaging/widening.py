"""Widens a soft alpha by a disc."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_MOST_COLUMNS_AT_A_TIME, _LEAST_ROWS_AT_A_TIME = 4096, 256
_PX_AT_A_TIME = 1 << 20
"""So few that they stay near the processor, whatever the shape; those around them come on top."""

_SMOOTHED = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
"""Takes the steps out of a disc of whole pixels; straight edges keep their place."""

ROOM_PX = 2
"""Smoothing reaches a pixel further, and leaves out the outermost ones."""


def widened(alpha_u8: NDArray[np.uint8], radius_px: int) -> NDArray[np.uint8]:
    """Widens alpha by a disc, and softens the steps; uint8 [H, W].

    Each pixel becomes the largest of those around it. Beyond the array there is nothing, and what
    would become visible there is lost: leave room of `radius_px` + `ROOM_PX`. Takes about 3
    comparisons a pixel for each pixel of the radius.
    """
    height, width = alpha_u8.shape
    wide_u8 = np.empty_like(alpha_u8)
    columns = min(width, _MOST_COLUMNS_AT_A_TIME)
    rows = max(_LEAST_ROWS_AT_A_TIME, _PX_AT_A_TIME // columns)
    for top, left in itertools.product(range(0, height, rows), range(0, width, columns)):
        bottom, right = min(top + rows, height), min(left + columns, width)
        first, start = max(0, top - radius_px), max(0, left - radius_px)
        near_u8 = alpha_u8[first : bottom + radius_px, start : right + radius_px]
        found_u8 = _largest_around(near_u8, radius_px, top - first, bottom - first)
        wide_u8[top:bottom, left:right] = found_u8[:, left - start : right - start]
    return np.asarray(Image.fromarray(wide_u8).filter(_SMOOTHED))


def _largest_around(
    near_u8: NDArray[np.uint8], radius_px: int, top: int, bottom: int
) -> NDArray[np.uint8]:
    """Finds the largest value in the disc around each pixel of the rows from `top` to `bottom`.

    The disc is taken chord by chord, from its short outer ones to the middle, so that the largest
    values along one chord are made of those along the one before. Beyond the array nothing is.
    """
    along_u8 = near_u8.copy()
    reach_px = 0
    found_u8 = np.zeros((bottom - top, near_u8.shape[1]), np.uint8)
    for away_px in range(radius_px, -1, -1):
        # Half a pixel more, since it counts from the middle of one that has an extent itself.
        chord_px = math.isqrt(radius_px * (radius_px + 1) - away_px * away_px)
        while reach_px < chord_px:
            step_px = min(chord_px - reach_px, 2 * reach_px + 1)
            along_u8 = _spread_sideways(along_u8, step_px)
            reach_px += step_px
        for row in {top - away_px, top + away_px}:
            first, last = max(0, row), min(len(near_u8), row + bottom - top)
            if first < last:
                part_u8 = found_u8[first - row : last - row]
                np.maximum(part_u8, along_u8[first:last], out=part_u8)
    return found_u8


def _spread_sideways(rows_u8: NDArray[np.uint8], step_px: int) -> NDArray[np.uint8]:
    """Finds the largest of each pixel and those `step_px` left and right of it."""
    spread_u8 = rows_u8.copy()
    np.maximum(spread_u8[:, step_px:], rows_u8[:, :-step_px], out=spread_u8[:, step_px:])
    np.maximum(spread_u8[:, :-step_px], rows_u8[:, step_px:], out=spread_u8[:, :-step_px])
    return spread_u8
