"""How mattes and composites are compared."""

import math

import numpy as np
import pytest
from benchmarks.quality.metrics import (
    HIGHEST_PSNR_DB,
    alpha_errors,
    band_radius_px,
    composited,
    edge_band,
    gradient_error,
    iou,
    psnr_db,
    soft,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray


def step(width: int = 40, height: int = 30, edge: int = 20) -> NDArray[np.float32]:
    """A subject that fills the picture from a column on."""
    alpha = np.zeros((height, width), np.float32)
    alpha[:, edge:] = 1
    return alpha


def test_the_truth_itself_has_no_error() -> None:
    errors = alpha_errors(step(), step())
    assert (errors.mae, errors.mse, errors.sad, errors.gradient, errors.band_mae) == (0,) * 5
    assert errors.iou == 1
    assert errors.opaque_gap == errors.empty_gap == 0


def test_errors_of_a_shifted_edge_are_those_worked_out_by_hand() -> None:
    errors = alpha_errors(step(edge=18), step(edge=20))
    assert errors.mae == pytest.approx(2 / 40)
    assert errors.mse == pytest.approx(2 / 40)
    assert errors.sad == pytest.approx(2 * 30 / 1000)
    assert errors.iou == pytest.approx(20 / 22)
    assert errors.band_mae == pytest.approx(2 / 6)  # two columns of edge, two more on each side
    assert errors.opaque_gap == pytest.approx(2 / 40)
    assert errors.opaque_gap_relative == pytest.approx(2 / 20)
    assert errors.empty_gap_relative == pytest.approx(2 / 20)


def test_half_an_error_everywhere_counts_a_quarter_when_squared() -> None:
    errors = alpha_errors(np.full((8, 8), 0.5, np.float32), np.zeros((8, 8), np.float32))
    assert errors.mae == pytest.approx(0.5)
    assert errors.mse == pytest.approx(0.25)


def test_a_share_of_nothing_is_no_gap() -> None:
    nothing, half = np.zeros((8, 8), np.float32), np.full((8, 8), 0.5, np.float32)
    assert alpha_errors(nothing, half).opaque_gap_relative == 0
    assert alpha_errors(nothing, half).empty_gap_relative == 0


def test_two_empty_subjects_coincide() -> None:
    nothing = np.zeros((4, 4), np.float32)
    assert iou(nothing, nothing) == 1
    assert iou(step(), np.zeros_like(step())) == 0


@pytest.mark.parametrize(("level", "union"), [(0.499, 0.0), (0.5, 1.0)])
def test_a_subject_counts_from_one_half_on(level: float, union: float) -> None:
    assert iou(np.full((4, 4), level, np.float32), np.ones((4, 4), np.float32)) == union


def test_the_gradient_error_knows_the_slope_and_not_the_level() -> None:
    level = np.zeros((30, 40), np.float32)
    assert gradient_error(level, level + 0.3) == pytest.approx(0, abs=1e-9)
    ramp = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (30, 1))
    assert gradient_error(ramp, step()) > gradient_error(step(edge=19), step()) > 0


def test_the_gradient_is_the_same_along_both_axes() -> None:
    found, truth = step(40, 40, 18), step(40, 40, 20)
    assert gradient_error(found.T, truth.T) == pytest.approx(gradient_error(found, truth))


def test_the_gradient_of_a_step_is_that_of_the_smoothed_step() -> None:
    offsets = np.arange(-4, 5)
    bell = np.exp(-(offsets**2) / (2 * 1.4**2))
    slope, smooth = -offsets * bell, bell / np.linalg.norm(bell)
    slope = slope / np.linalg.norm(slope)
    edge = [abs(slope[offsets > -1 - at].sum()) * smooth.sum() for at in range(-4, 4)]
    by_hand = 30 * sum(value**2 for value in edge) / 1000
    assert gradient_error(step(), np.zeros_like(step())) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("longest_px", "radius_px"), [(30, 2), (320, 2), (321, 3), (640, 4), (1080, 7)]
)
def test_the_band_grows_with_the_picture(longest_px: int, radius_px: int) -> None:
    assert band_radius_px((20, longest_px)) == radius_px


def test_the_band_holds_both_sides_of_a_hard_edge_and_no_more_than_its_radius() -> None:
    columns = np.flatnonzero(edge_band(step())[5])
    assert columns.tolist() == [17, 18, 19, 20, 21, 22]


def test_the_band_holds_all_that_is_soft() -> None:
    truth = np.zeros((60, 60), np.float32)
    truth[20:40, 20:40] = 0.3
    band = edge_band(truth)
    assert band[soft(truth)].all()
    assert np.flatnonzero(band[30]).tolist() == list(range(18, 42))


def test_an_even_matte_has_no_band() -> None:
    assert not edge_band(np.ones((20, 20), np.float32)).any()


def test_compositing_is_exact_and_takes_the_asked_pixels_only() -> None:
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[0, 1] = (200, 100, 50, 128)
    where = np.array([[False, True], [False, False]])
    white = np.array([255, 255, 255], np.uint8)
    by_hand = np.array([200, 100, 50]) * 128 / 255 + 255 * 127 / 255
    assert composited(rgba, white, where) == pytest.approx(by_hand[None])


def test_a_photo_lies_behind_its_own_pixels() -> None:
    rgba = np.zeros((2, 3, 4), np.uint8)
    photo = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    everywhere = np.ones((2, 3), np.bool_)
    assert composited(rgba, photo, everywhere) == pytest.approx(photo.reshape(-1, 3))


@given(st.floats(0.01, 255))
@settings(max_examples=25)
def test_the_ratio_of_an_even_error_follows_its_size(error: float) -> None:
    truth = np.zeros((5, 3))
    assert psnr_db(truth + error, truth) == pytest.approx(20 * math.log10(255 / error))


def test_equal_pictures_have_the_highest_ratio_and_so_has_nothing_at_all() -> None:
    assert psnr_db(np.ones((4, 3)), np.ones((4, 3))) == HIGHEST_PSNR_DB
    assert psnr_db(np.ones((0, 3)), np.ones((0, 3))) == HIGHEST_PSNR_DB
