"""From a network's answer to a picture's matte."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segmenter.imaging.matte import matte
from segmenter.imaging.picture import Picture


def picture(width: int, height: int, alpha: Image.Image | None = None) -> Picture:
    return Picture(rgb=Image.new("RGB", (width, height)), alpha=alpha, icc_profile=None)


def test_ends_are_snapped_and_the_middle_stays_in_the_middle() -> None:
    answer = np.repeat(np.array([[0.03, 0.05, 0.5, 0.95, 0.97]], np.float32), 5, axis=0)
    row = matte(answer, picture(5, 5)).alpha_u8[2]
    assert row.tolist() == [0, 0, 128, 255, 255]


def test_a_weak_answer_is_no_subject_and_is_not_stretched_into_one() -> None:
    answer = np.full((8, 8), 0.02, np.float32)
    answer[3:5, 3:5] = 0.45
    result = matte(answer, picture(64, 64))
    assert not result.foreground_found
    assert not result.alpha_u8.any()


@pytest.mark.parametrize(("level", "found"), [(0.4989, False), (0.5, True)])
def test_a_subject_is_found_from_one_half_on(level: float, found: bool) -> None:
    result = matte(np.full((4, 4), level, np.float32), picture(4, 4))
    assert result.foreground_found is found


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 20), (200, 300)])
def test_a_subject_is_found_in_every_size_of_its_picture(size: tuple[int, int]) -> None:
    answer = np.zeros((20, 20), np.float32)
    answer[9:11, 9:11] = 0.9
    assert matte(answer, picture(*size)).foreground_found


def test_values_beyond_the_range_are_clipped() -> None:
    answer = np.array([[-0.5, 1.5], [-0.5, 1.5]], np.float32)
    alpha_u8 = matte(answer, picture(2, 2)).alpha_u8
    assert alpha_u8.tolist() == [[0, 255], [0, 255]]


@given(
    width=st.integers(1, 150),
    height=st.integers(1, 200),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_strips_join_without_a_seam(width: int, height: int, seed: int) -> None:
    answer = np.random.default_rng(seed).random((20, 20), np.float32)
    whole = np.asarray(
        Image.fromarray(answer).resize((width, height), Image.Resampling.BICUBIC), np.float64
    )
    expected = np.clip((whole - 0.05) * 255 / 0.9 + 0.5, 0, 255).astype(np.uint8).astype(int)
    alpha_u8 = matte(answer, picture(width, height)).alpha_u8
    if alpha_u8.any():
        assert np.abs(alpha_u8.astype(int) - expected).max() <= 1


def test_the_matte_never_exceeds_the_alpha_of_the_source() -> None:
    source = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    result = matte(np.ones((10, 10), np.float32), picture(200, 200, Image.fromarray(source)))
    assert np.array_equal(result.alpha_u8, source)


@pytest.mark.parametrize("source_alpha", [1, 100, 127, 128])
def test_a_half_transparent_subject_is_found_and_stays_as_transparent(source_alpha: int) -> None:
    source = Image.new("L", (30, 20), source_alpha)
    result = matte(np.ones((10, 10), np.float32), picture(30, 20, source))
    assert result.foreground_found
    assert (result.alpha_u8 == source_alpha).all()


def test_the_answer_is_not_changed() -> None:
    answer = np.full((4, 4), 0.7, np.float32)
    matte(answer, picture(9, 9))
    assert (answer == np.float32(0.7)).all()
