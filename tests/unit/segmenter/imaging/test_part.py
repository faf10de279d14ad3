"""Parts of pictures, on grids of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.part import WHOLE, Part

shares = st.floats(0, 1)
sides = st.integers(1, 10_000)


def test_a_part_is_rounded_to_whole_pixels() -> None:
    part = Part(0.25, 0.1, 0.5, 0.96)
    assert part.on(100, 10) == (25, 1, 50, 10)
    assert part.area == pytest.approx(0.25 * 0.86)


@given(width=sides, height=sides)
def test_the_whole_is_all_of_every_grid(width: int, height: int) -> None:
    assert WHOLE.on(width, height) == (0, 0, width, height)


@given(x=st.tuples(shares, shares), y=st.tuples(shares, shares), width=sides, height=sides)
def test_a_part_is_never_empty_and_never_beyond_the_picture(
    x: tuple[float, float], y: tuple[float, float], width: int, height: int
) -> None:
    part = Part(min(x), min(y), max(x), max(y))
    left, top, right, bottom = part.on(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@given(left=st.integers(0, 98), right=st.integers(1, 99), width=st.integers(100, 9000))
def test_a_part_made_of_pixels_gives_these_pixels_back(left: int, right: int, width: int) -> None:
    right = max(right, left + 1)
    assert Part(left / width, 0, right / width, 1).on(width, 1) == (left, 0, right, 1)
