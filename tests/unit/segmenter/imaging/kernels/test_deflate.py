"""Deflate streams, which two other libraries read."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib
from numpy.typing import NDArray

from segmenter.imaging.kernels.deflate import MOST_BYTES, Deflater
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")

RAW = -15


def comes_back(*blocks: NDArray[np.uint8], apart: bool = False) -> bytes:
    """Compresses blocks, with a flush between them or not, and checks what others read."""
    deflater = Deflater()
    pieces = [deflater.block(each) + (deflater.flush() if apart else b"") for each in blocks]
    stream = b"".join(pieces) + deflater.finish()
    expected = b"".join(each.tobytes() for each in blocks)
    strict = zlib.decompressobj(RAW)
    assert strict.decompress(stream) == expected
    assert strict.eof
    assert strict.unused_data == b""
    assert isal_zlib.decompress(stream, RAW) == expected
    return stream


@st.composite
def stretches(draw: st.DrawFn) -> NDArray[np.uint8]:
    """Some of one value, some of noise of few or of many values, one behind the other."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    parts = []
    for length, values in draw(
        st.lists(
            st.tuples(st.integers(1, 700), st.sampled_from([0, 1, 2, 20, 255])),
            min_size=1,
            max_size=8,
        )
    ):
        parts.append(random.integers(0, values + 1, length, np.uint8))
    return np.concatenate(parts)


@given(blocks=st.lists(stretches(), min_size=1, max_size=4), apart=st.booleans())
@fixtures_stay
def test_whatever_is_compressed_comes_back(blocks: list[NDArray[np.uint8]], *, apart: bool) -> None:
    comes_back(*blocks, apart=apart)


@pytest.mark.parametrize("before", [0, 1, 5, 8])
@pytest.mark.parametrize(
    "zeros", [*range(1, 24), *range(255, 270), *range(512, 530), 258 * 40 + 1, 258 * 40 + 3]
)
def test_runs_of_every_length_come_back(before: int, zeros: int) -> None:
    run_u8 = np.zeros(before + zeros + 3, np.uint8)
    run_u8[:before] = 7
    run_u8[before + zeros :] = (1, 2, 3)
    comes_back(run_u8)
    comes_back(run_u8[: before + zeros])


@pytest.mark.parametrize("rarest_first", [True, False])
def test_codes_that_would_be_too_long_are_shortened(*, rarest_first: bool) -> None:
    """Where counts are Fibonacci's numbers each code has a bit more than the next one."""
    counts = [1, 1]
    while len(counts) < 30:
        counts.append(counts[-1] + counts[-2])
    values_u8 = np.arange(1, 31, dtype=np.uint8)
    data_u8 = np.repeat(values_u8 if rarest_first else values_u8[::-1], counts)
    stream = comes_back(data_u8)
    shares = np.array(counts) / sum(counts)
    assert 8 * len(stream) <= 1.06 * len(data_u8) * -(shares * np.log2(shares)).sum()


@pytest.mark.parametrize("value", [0, 1, 255])
def test_a_single_byte_comes_back(value: int) -> None:
    comes_back(np.array([value], np.uint8))


def test_pure_noise_hardly_grows() -> None:
    data_u8 = np.random.default_rng(0).integers(0, 256, 200_000, np.uint8)
    assert len(comes_back(data_u8)) < 1.005 * len(data_u8)


def test_codes_are_nearly_as_short_as_zlibs() -> None:
    random = np.random.default_rng(0)
    data_u8 = np.abs(random.normal(0, 6, 200_000)).astype(np.uint8)
    theirs = zlib.compressobj(9, zlib.DEFLATED, RAW, 9, zlib.Z_HUFFMAN_ONLY)
    expected = len(theirs.compress(data_u8.tobytes()) + theirs.flush())
    assert len(comes_back(data_u8)) < 1.005 * expected


def test_what_is_cleared_is_next_to_nothing() -> None:
    assert len(comes_back(np.zeros(1_000_000, np.uint8))) < 1_500


def test_a_stream_without_blocks_is_empty() -> None:
    assert comes_back() == Deflater().finish()


def test_a_block_as_large_as_may_be_comes_back() -> None:
    data_u8 = np.zeros(MOST_BYTES, np.uint8)
    data_u8[::9] = 1
    comes_back(data_u8)


@pytest.mark.parametrize("size", [0, MOST_BYTES + 1])
def test_blocks_of_no_or_too_many_bytes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a block has 1 to"):
        Deflater().block(np.zeros(size, np.uint8))


def test_gaps_are_refused() -> None:
    with pytest.raises(ValueError, match="without gaps"):
        Deflater().block(np.zeros((4, 8), np.uint8)[:, :4])
