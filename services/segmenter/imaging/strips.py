"""Cuts the rows of a picture into strips, which threads make side by side, and these into blocks.

A block is what is composed and encoded at a time; it is small enough for the processor's cache,
and its memory hardly counts beside the picture's, whatever the picture's shape.
"""

import itertools
from collections.abc import Iterator

MOST_ROWS_A_BLOCK = 64
_MOST_PX_A_BLOCK = 1 << 20


def strip_bounds(height_px: int, strips: int) -> list[tuple[int, int]]:
    """Cuts a height into at most that many strips of about equal size, all of whole blocks.

    Only the last block of all may have fewer rows.
    """
    blocks = -(-height_px // MOST_ROWS_A_BLOCK)
    strips = max(1, min(strips, blocks))
    edges = [blocks * index // strips * MOST_ROWS_A_BLOCK for index in range(strips)]
    return list(itertools.pairwise([*edges, height_px]))


def rows_a_block(width_px: int) -> int:
    """Tells how many rows a block has: a power of two, so that strips are of whole blocks."""
    rows = max(1, min(MOST_ROWS_A_BLOCK, _MOST_PX_A_BLOCK // width_px))
    return 1 << rows.bit_length() - 1


def block_bounds(top: int, bottom: int, width_px: int) -> Iterator[tuple[int, int]]:
    """Cuts the rows from `top` up to `bottom` into blocks, from top to bottom."""
    rows = rows_a_block(width_px)
    for start in range(top, bottom, rows):
        yield start, min(start + rows, bottom)
