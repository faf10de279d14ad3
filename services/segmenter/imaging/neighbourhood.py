"""What lies around each cell of a small plane."""

import numpy as np
from numpy.typing import NDArray


def extremes(cells_f32: NDArray[np.float32], reach: int, extreme: np.ufunc) -> NDArray[np.float32]:
    """Takes the least or the most of all cells within reach, in a square, float32 [h, w].

    Args:
        cells_f32: float32 [h, w].
        reach: how many cells to each side.
        extreme: ``np.minimum`` or ``np.maximum``.
    """
    height, width = cells_f32.shape
    padded_f32 = np.pad(cells_f32, reach, mode="edge")
    rows_f32 = extreme.reduce([padded_f32[i : i + height] for i in range(2 * reach + 1)])
    found_f32: NDArray[np.float32] = extreme.reduce(
        [rows_f32[:, i : i + width] for i in range(2 * reach + 1)]
    )
    return found_f32


def all_around(holds: NDArray[np.bool_], down: int, across: int) -> NDArray[np.bool_]:
    """Tells where something holds of all cells within reach, in a rectangle, bool [h, w]."""
    return _all_in_row(_all_in_row(holds, across).T, down).T


def _all_in_row(holds: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Tells where all of a row's cells within reach hold, out of runs of 1, 2, 4... cells."""
    length = holds.shape[1]
    # A pixel of a tiny picture reaches beyond all cells, where there is nothing to keep.
    reach = min(reach, length)
    runs = np.pad(holds, [(0, 0), (reach, reach)], constant_values=True)
    width, run = 2 * reach + 1, 1
    while 2 * run <= width:
        runs = runs[:, run:] & runs[:, :-run]
        run *= 2
    # Two runs, which overlap, make a window.
    return runs[:, :length] & runs[:, width - run : width - run + length]


def box_mean(planes_f32: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Takes means over windows of ``2 * radius + 1`` cells, float32 [..., H, W]."""
    edges = [(0, 0)] * (planes_f32.ndim - 2) + [(radius, radius)] * 2
    sums_f32 = np.pad(planes_f32, edges, mode="edge")
    sums_f32 = _window_sums(sums_f32.swapaxes(-1, -2), radius).swapaxes(-1, -2)
    sums_f32 = _window_sums(sums_f32, radius)
    sums_f32 *= np.float32((2 * radius + 1) ** -2)
    return sums_f32


def _window_sums(cells_f32: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Sums windows along the last axis, out of sums of 1, 2, 4... cells: no rounding adds up."""
    width = 2 * radius + 1
    length = cells_f32.shape[-1] - width + 1
    total_f32 = np.zeros_like(cells_f32[..., :length])
    done, power = 0, 1
    while True:
        if width & power:
            total_f32 += cells_f32[..., done : done + length]
            done += power
        if done == width:
            return total_f32
        cells_f32 = cells_f32[..., power:] + cells_f32[..., :-power]
        power *= 2
