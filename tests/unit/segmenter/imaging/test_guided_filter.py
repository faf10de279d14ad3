"""The guided filter, against its formula written out cell by cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.guided_filter import colour_model
from segmenter.imaging.kernels.guided import RADIUS_CELLS
from segmenter.imaging.neighbourhood import box_mean

EPSILON = 1e-4


def random_planes(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random(shape, np.float32)


def windows(plane: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """All windows of a plane whose outermost cells go on, [H, W, cells of a window]."""
    padded = np.pad(plane, radius, mode="edge")
    side = 2 * radius + 1
    cut = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    return cut.reshape(*plane.shape, side * side)


def by_formula(guide: NDArray[np.float64], matte: NDArray[np.float64]) -> NDArray[np.float64]:
    """K. He et al., equations 14 to 16: a ridge regression for every window, then their means."""
    colours = np.stack([windows(plane, RADIUS_CELLS) for plane in guide], axis=-1)
    values = windows(matte, RADIUS_CELLS)
    centred = colours - colours.mean(axis=2, keepdims=True)
    cells = values.shape[-1]
    covariance = np.einsum("yxni,yxnj->yxij", centred, centred) / cells + EPSILON * np.eye(3)
    shared = np.einsum("yxni,yxn->yxi", centred, values) / cells
    factors = np.linalg.solve(covariance, shared[..., None])[..., 0]
    constant = values.mean(axis=2) - (factors * colours.mean(axis=2)).sum(axis=-1)
    model = np.concatenate([factors, constant[..., None]], axis=-1)
    return np.stack([windows(model[..., i], RADIUS_CELLS).mean(axis=-1) for i in range(4)])


@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    radius=st.integers(0, 6),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50)
def test_means_are_those_of_all_windows(height: int, width: int, radius: int, seed: int) -> None:
    planes = random_planes(seed, 2, height, width)
    expected = [windows(plane.astype(np.float64), radius).mean(axis=-1) for plane in planes]
    assert box_mean(planes, radius) == pytest.approx(np.array(expected), abs=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (3, 20), (30, 24)])
def test_the_model_is_that_of_the_formula(size: tuple[int, int]) -> None:
    guide, matte = random_planes(1, 3, *size), random_planes(2, *size)
    expected = by_formula(guide.astype(np.float64), matte.astype(np.float64))
    assert colour_model(guide, matte) == pytest.approx(expected, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (1.0, 0.8, 0.6), (1.0, -1.0, -1.0)])
def test_colours_on_a_line_cost_no_precision(tint: tuple[float, float, float]) -> None:
    """As in grey pictures, where two of three directions have no variance but epsilon."""
    black_or_white = np.random.default_rng(1).integers(0, 2, (40, 40)).astype(np.float32)
    guide = np.stack([black_or_white * each if each > 0 else 1 - black_or_white for each in tint])
    matte = (random_planes(2, 40, 40) > 0.5).astype(np.float32)
    expected = by_formula(guide.astype(np.float64), matte.astype(np.float64))
    assert colour_model(guide, matte) == pytest.approx(expected, abs=1e-3)


def test_rows_computed_by_turns_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    guide, matte = random_planes(3, 3, 70, 20), random_planes(4, 70, 20)
    at_once = colour_model(guide, matte)
    monkeypatch.setattr("segmenter.imaging.guided_filter._ROWS_AT_A_TIME", 16)
    assert colour_model(guide, matte) == pytest.approx(at_once, abs=1e-5)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_where_the_matte_does_not_change_colours_do_not_count(level: float) -> None:
    guide = random_planes(5, 3, 20, 20)
    factors, constant = np.split(colour_model(guide, np.full((20, 20), level, np.float32)), [3])
    assert np.abs(factors).max() < 1e-3
    assert np.abs(constant - level).max() < 1e-3


def test_a_matte_that_is_told_by_colour_is_found_again() -> None:
    matte = np.zeros((30, 30), np.float32)
    matte[:, 15:] = 1
    guide = np.stack([0.2 + 0.6 * matte, 0.7 - 0.3 * matte, np.full_like(matte, 0.5)])
    factors, constant = np.split(colour_model(guide, matte), [3])
    found = (factors * guide).sum(axis=0) + constant[0]
    assert np.abs(found - matte).max() < 0.01
