"""The box around the subject."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.crop import Box, narrowed, visible_box, with_margins
from segmenter.imaging.matte import Matte
from segmenter.scene_options import Length, Margins


def matte(alpha_u8: NDArray[np.uint8]) -> Matte:
    return Matte(alpha_u8, foreground_found=True)


def test_the_faintest_pixel_counts() -> None:
    alpha_u8 = np.zeros((20, 30), np.uint8)
    alpha_u8[4, 7] = 1
    alpha_u8[11, 9] = 1

    assert visible_box(matte(alpha_u8)) == Box(7, 4, 10, 12)


def test_where_nothing_is_visible_there_is_no_box() -> None:
    assert visible_box(matte(np.zeros((20, 30), np.uint8))) is None


def test_a_subject_that_fills_the_picture_is_not_cut() -> None:
    assert visible_box(matte(np.full((20, 30), 255, np.uint8))) == Box(0, 0, 30, 20)


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

    box = visible_box(matte(alpha_u8))

    if box is None:
        assert not visible.any()
        return
    inside = visible[box.top : box.bottom, box.left : box.right]
    assert inside.sum() == visible.sum()
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()


BOX = Box(10, 20, 50, 40)


def test_margins_are_pixels_or_shares_of_the_box() -> None:
    margins = Margins(Length(3), Length(share=0.1), Length(share=0.25), Length(7))
    assert with_margins(BOX, margins) == Box(3, 17, 54, 45)


def test_no_margins_leave_the_box() -> None:
    assert with_margins(BOX, Margins()) == BOX


def test_a_margin_may_reach_beyond_the_picture() -> None:
    assert with_margins(Box(0, 0, 40, 20), Margins(top=Length(10), left=Length(20))) == Box(
        -20, -10, 40, 20
    )


@pytest.mark.parametrize("wanted", [Length(20), Length(21), Length(share=0.5), Length(share=9)])
def test_no_margin_is_wider_than_half_of_the_box(wanted: Length) -> None:
    assert with_margins(BOX, Margins(right=wanted)) == Box(10, 20, 70, 40)


@pytest.mark.parametrize("wanted", [Length(500), Length(501), Length(share=0.5)])
def test_no_margin_is_wider_than_500_pixels(wanted: Length) -> None:
    large = Box(0, 0, 1002, 2000)
    assert with_margins(large, Margins(bottom=wanted)) == Box(0, 0, 1002, 2500)


def test_a_border_that_is_too_wide_narrows_in_proportion() -> None:
    outer = Box(0, 10, 70, 60)
    assert narrowed(outer, BOX, 70 * 50) == outer
    assert narrowed(outer, BOX, 70 * 50 - 1) == Box(1, 11, 69, 59)
    assert narrowed(outer, BOX, 55 * 35) == Box(5, 15, 60, 50)
    assert narrowed(outer, BOX, 40 * 20) == narrowed(outer, BOX, 1) == BOX


@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    borders=st.tuples(*[st.integers(0, 500)] * 4),
    max_pixels=st.integers(1, 9_000_000),
)
def test_a_border_is_as_wide_as_the_limit_lets_it(
    size: tuple[int, int], borders: tuple[int, int, int, int], max_pixels: int
) -> None:
    inner = Box(0, 0, *size)
    left, top, right, bottom = borders
    outer = Box(-left, -top, size[0] + right, size[1] + bottom)
    box = narrowed(outer, inner, max_pixels)
    pixels = box.width_px * box.height_px
    assert pixels <= max(max_pixels, size[0] * size[1])
    assert box == outer or box.grown(1).width_px * box.grown(1).height_px > max_pixels


@pytest.mark.parametrize(("within", "cut"), [((60, 30), Box(10, 20, 50, 30)), ((10, 99), None)])
def test_a_box_is_cut_to_its_canvas(within: tuple[int, int], cut: Box | None) -> None:
    assert BOX.within(*within) == cut


def test_a_box_beyond_the_left_and_upper_edges_is_cut_too() -> None:
    assert Box(-5, -6, 7, 8).within(20, 20) == Box(0, 0, 7, 8)
    assert Box(-5, -6, 0, 8).within(20, 20) is None
