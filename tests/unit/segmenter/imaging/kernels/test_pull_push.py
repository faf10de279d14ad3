"""Colours spread from where they are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.kernels.pull_push import pulled_and_pushed
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def cells(size: tuple[int, int], colour: float, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells of one colour, weighted."""
    cells_f32 = np.empty((*size, 4), np.float32)
    cells_f32[..., :3] = colour * weight[..., None] / 255
    cells_f32[..., 3] = weight
    return cells_f32


@given(size=SIZES, seed=st.integers(0, 2**32 - 1))
@settings(fixtures_stay, deadline=None)
def test_one_colour_known_in_one_place_is_everywhere(size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight = np.zeros(size, np.float32)
    weight[rng.integers(size[0]), rng.integers(size[1])] = 255
    colour_f32 = pulled_and_pushed(cells(size, 120, weight))
    assert colour_f32.shape == (*size, 3)
    assert np.abs(colour_f32 - 120).max() < 0.01


@given(size=SIZES, seed=st.integers(0, 2**32 - 1))
@settings(fixtures_stay, deadline=None)
def test_no_colour_lies_outside_those_known(size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.choice(np.array([0, 0, 10, 255], np.float32), size)
    weight[0, 0] = 255
    known = rng.uniform(80, 150, (*size, 1)).astype(np.float32)
    cells_f32 = np.concatenate([*[known * weight[..., None] / 255] * 3, weight[..., None]], axis=2)
    colour_f32 = pulled_and_pushed(cells_f32)
    assert colour_f32.min() > 79.9
    assert colour_f32.max() < 150.1


@pytest.mark.parametrize("size", [(1, 1), (5, 8)])
def test_where_nothing_is_known_all_is_black(size: tuple[int, int]) -> None:
    assert not pulled_and_pushed(np.zeros((*size, 4), np.float32)).any()


def test_what_is_known_on_the_spot_outweighs_its_surroundings() -> None:
    weight = np.full((16, 16), 255, np.float32)
    cells_f32 = cells((16, 16), 200, weight)
    cells_f32[4, 4, :3] = 0
    colour_f32 = pulled_and_pushed(cells_f32)
    assert colour_f32[4, 4].max() < 15
    assert colour_f32[12, 12].min() > 195


def test_unknown_cells_take_after_the_nearest_known() -> None:
    weight = np.zeros((32, 32), np.float32)
    weight[:, :4] = weight[:, -4:] = 255
    cells_f32 = cells((32, 32), 0, weight)
    cells_f32[:, -4:, :3] = 200
    row_f32 = pulled_and_pushed(cells_f32)[16, :, 0]
    assert row_f32[5] < 60
    assert row_f32[-6] > 140
    assert (np.diff(row_f32[4:-4]) > -0.01).all()


def test_what_is_handed_over_stays_as_it_is() -> None:
    cells_f32 = cells((7, 5), 200, np.full((7, 5), 255, np.float32))
    before = cells_f32.copy()

    pulled_and_pushed(cells_f32)

    assert (cells_f32 == before).all()


@pytest.mark.parametrize(
    ("cells_f32", "message"),
    [
        (np.zeros((3, 4, 3), np.float32), "cells_f32 is"),
        (np.zeros((3, 4, 4)), "takes float32"),
        (np.zeros((0, 4, 4), np.float32), "no cells"),
    ],
)
def test_what_does_not_fit_is_refused(cells_f32: NDArray[np.float32], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pulled_and_pushed(cells_f32)
