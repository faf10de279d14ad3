"""The box around the subject."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.crop import Box, subject_box
from segmenter.imaging.matte import Matte


def matte(alpha_u8: NDArray[np.uint8]) -> Matte:
    return Matte(alpha_u8, foreground_found=True)


def test_the_faintest_pixel_counts() -> None:
    alpha_u8 = np.zeros((20, 30), np.uint8)
    alpha_u8[4, 7] = 1
    alpha_u8[11, 9] = 1

    assert subject_box(matte(alpha_u8)) == Box(7, 4, 10, 12)


def test_where_nothing_is_left_nothing_is_cut() -> None:
    box = subject_box(matte(np.zeros((20, 30), np.uint8)))

    assert box == Box(0, 0, 30, 20)
    assert (box.width_px, box.height_px) == (30, 20)


def test_a_subject_that_fills_the_picture_is_not_cut() -> None:
    assert subject_box(matte(np.full((20, 30), 255, np.uint8))) == Box(0, 0, 30, 20)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.002, 0.02, 0.3]),
)
@settings(max_examples=80, deadline=None)
def test_all_that_is_visible_lies_within_and_touches_each_side(
    height: int, width: int, seed: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    visible = random.random((height, width)) < share
    alpha_u8 = np.where(visible, random.integers(1, 256, visible.shape), 0).astype(np.uint8)

    box = subject_box(matte(alpha_u8))

    inside = visible[box.top : box.bottom, box.left : box.right]
    assert inside.sum() == visible.sum()
    if visible.any():
        assert inside[0].any()
        assert inside[-1].any()
        assert inside[:, 0].any()
        assert inside[:, -1].any()
    else:
        assert (box.width_px, box.height_px) == (width, height)
