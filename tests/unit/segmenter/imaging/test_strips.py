"""Cutting a height."""

from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.strips import (
    MOST_ROWS_A_BLOCK,
    block_bounds,
    rows_a_block,
    strip_bounds,
)

WIDTHS = st.integers(1, 1_000_000)


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
    assert all(top % MOST_ROWS_A_BLOCK == 0 for top, _ in bounds)
    blocks = [-(-(bottom - top) // MOST_ROWS_A_BLOCK) for top, bottom in bounds]
    assert max(blocks) - min(blocks) <= 1


@given(height=st.integers(1, 5_000), strips=st.integers(1, 16), width=WIDTHS)
def test_blocks_of_all_strips_are_the_blocks_of_the_whole(
    height: int, strips: int, width: int
) -> None:
    whole = list(block_bounds(0, height, width))
    bounds = strip_bounds(height, strips)
    of_strips = [each for strip in bounds for each in block_bounds(*strip, width)]
    assert of_strips == whole
    assert all(bottom - top == rows_a_block(width) for top, bottom in whole[:-1])
    assert whole[-1][1] == height


@given(width=WIDTHS)
def test_a_block_has_few_pixels_in_rows_of_any_width(width: int) -> None:
    rows = rows_a_block(width)
    assert 1 <= rows <= MOST_ROWS_A_BLOCK
    assert rows == 1 or rows * width <= 2**20
    assert rows == MOST_ROWS_A_BLOCK or 2 * rows * width > 2**20


def test_rows_of_usual_widths_come_sixty_four_at_a_time() -> None:
    assert rows_a_block(16_384) == 64
    assert rows_a_block(16_385) == 32
    assert rows_a_block(1_000_000) == 1
