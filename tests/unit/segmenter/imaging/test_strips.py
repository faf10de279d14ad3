"""Cutting a height."""

from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.strips import ROWS_A_BLOCK, block_bounds, strip_bounds


@given(height=st.integers(1, 10_000), strips=st.integers(-1, 64))
def test_strips_cover_every_row_once(height: int, strips: int) -> None:
    bounds = strip_bounds(height, strips)
    assert 1 <= len(bounds) <= max(1, strips)
    rows = [row for top, bottom in bounds for row in range(top, bottom)]
    assert rows == list(range(height))
    assert all(top < bottom for top, bottom in bounds)


@given(height=st.integers(1, 10_000), strips=st.integers(1, 64))
def test_strips_are_of_whole_blocks_and_about_one_size(height: int, strips: int) -> None:
    bounds = strip_bounds(height, strips)
    assert all(top % ROWS_A_BLOCK == 0 for top, _ in bounds)
    blocks = [-(-(bottom - top) // ROWS_A_BLOCK) for top, bottom in bounds]
    assert max(blocks) - min(blocks) <= 1


@given(height=st.integers(1, 5_000), strips=st.integers(1, 16))
def test_blocks_of_all_strips_are_the_blocks_of_the_whole(height: int, strips: int) -> None:
    whole = list(block_bounds(0, height))
    of_strips = [each for bounds in strip_bounds(height, strips) for each in block_bounds(*bounds)]
    assert of_strips == whole
    assert all(bottom - top == ROWS_A_BLOCK for top, bottom in whole[:-1])
    assert whole[-1][1] == height
