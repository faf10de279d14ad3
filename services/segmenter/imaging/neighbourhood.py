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
