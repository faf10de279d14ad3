"""Cuts the rows of a picture into strips, which threads make side by side, and these into blocks.

A block is what is composed and encoded at a time; it is small enough for the processor's cache.
"""

import itertools
from collections.abc import Iterator

ROWS_A_BLOCK = 64


def strip_bounds(height_px: int, strips: int) -> list[tuple[int, int]]:
    """Cuts a height into at most that many strips of about equal size, all of whole blocks.

    Only the last block of all may have fewer rows.
    """
    blocks = -(-height_px // ROWS_A_BLOCK)
    strips = max(1, min(strips, blocks))
    edges = [blocks * index // strips * ROWS_A_BLOCK for index in range(strips)]
    return list(itertools.pairwise([*edges, height_px]))


def block_bounds(top: int, bottom: int) -> Iterator[tuple[int, int]]:
    """Cuts the rows from `top` up to `bottom` into blocks, from top to bottom."""
    for start in range(top, bottom, ROWS_A_BLOCK):
        yield start, min(start + ROWS_A_BLOCK, bottom)
