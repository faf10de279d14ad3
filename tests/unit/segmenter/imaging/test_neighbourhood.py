"""What lies around cells, against windows looked at one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.neighbourhood import all_around, extremes

sides = st.integers(1, 12)
reaches = st.integers(0, 15)
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("extreme", [np.minimum, np.maximum])
@given(height=sides, width=sides, reach=reaches, seed=seeds)
def test_extremes_are_those_of_all_cells_within_reach(
    extreme: np.ufunc, height: int, width: int, reach: int, seed: int
) -> None:
    cells = np.random.default_rng(seed).random((height, width), np.float32)
    found = extremes(cells, reach, extreme)
    for y, x in np.ndindex(height, width):
        window = cells[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        assert found[y, x] == extreme.reduce(window, axis=None)


@given(height=sides, width=sides, down=reaches, across=reaches, seed=seeds)
def test_all_around_is_true_where_no_cell_within_reach_is_false(
    height: int, width: int, down: int, across: int, seed: int
) -> None:
    holds = np.random.default_rng(seed).random((height, width)) < 0.9
    found = all_around(holds, down, across)
    for y, x in np.ndindex(height, width):
        window = holds[max(0, y - down) : y + down + 1, max(0, x - across) : x + across + 1]
        assert found[y, x] == window.all()
