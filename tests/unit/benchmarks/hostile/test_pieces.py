"""The pieces of image files."""

import struct

import pytest
from benchmarks.hostile.pieces import pieces, size_fields, with_checksums
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.segmenter.imaging import samples

BIG_ENDIAN_TIFF = (
    b"MM\0*\0\0\0\x08\0\x02"
    + struct.pack(">HHIHH", 256, 3, 1, 32, 0)
    + struct.pack(">HHII", 257, 4, 1, 24)
)


@pytest.mark.parametrize(
    ("data", "names_at", "names"),
    [
        (samples.encoded(samples.picture(), "PNG"), 4, [b"IHDR", b"IDAT", b"IEND"]),
        (samples.encoded(samples.picture(), "WEBP"), 0, [b"VP8 "]),
        (samples.encoded(samples.picture(), "AVIF"), 4, [b"ftyp", b"meta", b"mdat"]),
    ],
)
def test_chunks_are_found_by_their_lengths(data: bytes, names_at: int, names: list[bytes]) -> None:
    found = pieces(data)

    assert [data[piece.start + names_at :][:4] for piece in found] == names
    assert found[-1].end == len(data)
    assert all(piece.length is not None for piece in found)


def test_segments_of_a_jpeg_are_found_and_its_scan_is_one_of_them() -> None:
    data = samples.encoded(samples.picture(), "JPEG")

    found = pieces(data)

    assert [data[piece.start] for piece in found] == [0xFF] * len(found)
    assert data[found[-1].start + 1] == 0xDA
    assert data[found[-1].end :] == b"\xff\xd9"


def test_other_bytes_are_cut_into_blocks() -> None:
    found = pieces(bytes(160))

    assert [(piece.start, piece.end) for piece in found] == [(n, n + 10) for n in range(0, 160, 10)]


@pytest.mark.parametrize(
    "data",
    [
        *(samples.encoded(samples.picture(), name) for name in ("PNG", "JPEG", "GIF", "BMP")),
        *(samples.encoded(samples.picture(), name) for name in ("TIFF", "AVIF")),
        BIG_ENDIAN_TIFF,
    ],
)
def test_sizes_are_found(data: bytes) -> None:
    numbers = [struct.unpack_from(field.layout, data, field.at)[0] for field in size_fields(data)]

    assert set(numbers) == {32, 24}


def test_checksums_of_changed_chunks_are_mended() -> None:
    data = bytearray(samples.encoded(samples.picture(), "PNG"))
    data[23] ^= 1

    mended = with_checksums(bytes(data))

    assert mended != bytes(data)
    samples.reopened(mended).close()
    assert with_checksums(mended) == mended


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF", b"\0\0\0\0ftyp", b"II*\0"]),
       st.binary())  # fmt: skip
def test_rubbish_has_pieces_that_lie_within_it(start: bytes, rest: bytes) -> None:
    data = start + rest

    for piece in pieces(data):
        assert 0 <= piece.start < piece.end <= len(data)
    assert all(field.end <= len(data) for field in size_fields(data))
    assert len(with_checksums(data)) == len(data)
