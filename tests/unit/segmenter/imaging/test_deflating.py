"""Which way rows are compressed, and that the ways join to one stream."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib
from numpy.typing import NDArray

from segmenter.imaging.deflating import Deflating
from segmenter.imaging.kernels.deflate import Deflater

RAW = -15
BLOCK_BYTES = 70_000


def photo(seed: int) -> NDArray[np.uint8]:
    grain_u8: NDArray[np.uint8] = (
        np.random.default_rng(seed).binomial(24, 0.5, BLOCK_BYTES).astype(np.uint8)
    )
    return grain_u8


def drawing(seed: int) -> NDArray[np.uint8]:
    letters_u8 = np.random.default_rng(seed).integers(0, 256, 500, np.uint8)
    return np.resize(letters_u8, BLOCK_BYTES)


def cleared(_seed: int) -> NDArray[np.uint8]:
    return np.zeros(BLOCK_BYTES, np.uint8)


KINDS = {"photo": photo, "drawing": drawing, "cleared": cleared}


def stream_of(blocks: list[NDArray[np.uint8]]) -> bytes:
    deflating = Deflating()
    return b"".join([*(deflating.block(each) for each in blocks), deflating.finish()])


def by_codes(blocks: list[NDArray[np.uint8]]) -> int:
    deflater = Deflater()
    return sum(len(deflater.block(each)) for each in blocks)


def by_search(blocks: list[NDArray[np.uint8]]) -> int:
    return len(isal_zlib.compress(np.concatenate(blocks), 1, RAW))


def blocks_of(kinds: list[str]) -> list[NDArray[np.uint8]]:
    return [KINDS[kind](seed) for seed, kind in enumerate(kinds)]


@given(
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=30),
    flushed=st.sets(st.integers(0, 29)),
)
def test_whatever_is_compressed_comes_back(kinds: list[str], flushed: set[int]) -> None:
    deflating, blocks = Deflating(), blocks_of(kinds)
    pieces = []
    for number, block_u8 in enumerate(blocks):
        pieces.append(deflating.block(block_u8))
        if number in flushed:
            pieces.append(deflating.flush())
    pieces.append(deflating.finish())

    assert zlib.decompress(b"".join(pieces), RAW) == np.concatenate(blocks).tobytes()


def test_photos_are_compressed_by_codes_alone() -> None:
    blocks = blocks_of(["photo"] * 12)
    assert len(stream_of(blocks)) < by_codes(blocks) + 10
    assert len(stream_of(blocks)) < by_search(blocks)


def test_what_repeats_is_searched_for() -> None:
    blocks = blocks_of(["drawing"] * 12)
    assert len(stream_of(blocks)) < 1.1 * by_search(blocks)
    assert len(stream_of(blocks)) < by_codes(blocks) / 10


@pytest.mark.parametrize("before", ["cleared", "photo"])
def test_a_drawing_below_something_else_is_found(before: str) -> None:
    blocks = blocks_of([before] * 8 + ["drawing"] * 16)
    assert len(stream_of(blocks)) < by_codes(blocks[:8]) + 1.2 * by_search(blocks[8:])


def test_a_photo_below_a_drawing_is_found() -> None:
    blocks = blocks_of(["drawing"] * 8 + ["photo"] * 16)
    assert len(stream_of(blocks)) < 1.2 * by_search(blocks[:8]) + 1.01 * by_codes(blocks[8:])
