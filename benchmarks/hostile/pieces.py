"""Finds the pieces that an image file is made of: chunks, segments, boxes, and where sizes stand.

Pure, and made for broken files: it never raises, and finds in rubbish what looks like pieces.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_PIECES = 512
_BLOCKS = 16
"""Into how many pieces of one size a file is cut of whose format nothing is known here."""


@dataclass(frozen=True, slots=True)
class Field:
    """A number in a file."""

    at: int
    layout: str
    """As `struct` names it."""

    @property
    def end(self) -> int:
        """Where what follows begins."""
        return self.at + struct.calcsize(self.layout)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that can be taken out, doubled or moved."""

    start: int
    end: int
    length: Field | None = None
    """Where its length stands, in files that tell it."""


def pieces(data: bytes) -> list[Piece]:
    """Cuts a file into pieces, in their order; what stands before the first is none."""
    found: list[Piece] = []
    for piece in _walked(data):
        if piece.end > len(data) or piece.end <= piece.start or len(found) == _MOST_PIECES:
            break
        found.append(piece)
    return found or _blocks(data)


def size_fields(data: bytes) -> list[Field]:
    """Finds the numbers that tell width and height."""
    return [field for field in _sizes(data) if field.end <= len(data)]


def with_checksums(data: bytes) -> bytes:
    """Gives every chunk of a PNG its right checksum, as an attacker would; others as they are."""
    if not data.startswith(_PNG_SIGNATURE):
        return data
    mended = bytearray(data)
    for piece in pieces(data):
        if piece.length is not None and piece.end - piece.start >= 12:
            checksum = zlib.crc32(data[piece.start + 4 : piece.end - 4])
            struct.pack_into(">I", mended, piece.end - 4, checksum)
    return bytes(mended)


@dataclass(frozen=True, slots=True)
class _Chunking:
    """How a format is made of chunks whose lengths stand in them."""

    first: int
    length_at: int
    layout: str
    uncounted: int
    """How many bytes of a chunk its length leaves out."""
    multiple: int = 1
    """What the bytes of a chunk are filled up to."""


_PNG_CHUNKS = _Chunking(len(_PNG_SIGNATURE), 0, ">I", uncounted=12)
_RIFF_CHUNKS = _Chunking(12, 4, "<I", uncounted=8, multiple=2)
_BOXES = _Chunking(0, 0, ">I", uncounted=0)


def _walked(data: bytes) -> Iterator[Piece]:
    if data.startswith(_PNG_SIGNATURE):
        return _chunks(data, _PNG_CHUNKS)
    if data.startswith(b"\xff\xd8"):
        return _segments(data)
    if data.startswith(b"RIFF"):
        return _chunks(data, _RIFF_CHUNKS)
    if data.startswith(b"ftyp", 4):
        return _chunks(data, _BOXES)
    return iter(())


def _chunks(data: bytes, chunking: _Chunking) -> Iterator[Piece]:
    start = chunking.first
    while start + 8 <= len(data):
        field = Field(start + chunking.length_at, chunking.layout)
        (length,) = struct.unpack_from(chunking.layout, data, field.at)
        end = start + length + chunking.uncounted + -length % chunking.multiple
        yield Piece(start, end, field)
        start = max(end, start + 1)


def _segments(data: bytes) -> Iterator[Piece]:
    """Walks the segments of a JPEG; a scan's pixels go with its header."""
    start = 2
    while start + 4 <= len(data) and data[start] == 0xFF:
        field = Field(start + 2, ">H")
        (length,) = struct.unpack_from(">H", data, field.at)
        end = start + 2 + length
        if data[start + 1] == 0xDA:
            marker = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL).search(data, end)
            end = marker.start() if marker else len(data)
        yield Piece(start, end, field)
        start = end


def _blocks(data: bytes) -> list[Piece]:
    step = max(1, len(data) // _BLOCKS)
    return [Piece(at, min(at + step, len(data))) for at in range(0, len(data), step)][:_BLOCKS]


def _sizes(data: bytes) -> Iterator[Field]:
    if data.startswith(_PNG_SIGNATURE):
        yield from (Field(at, ">I") for at in (16, 20))
    elif data.startswith(b"\xff\xd8"):
        for frame in re.finditer(rb"\xff[\xc0-\xc3\xc9\xca]", data):
            yield from (Field(frame.start() + at, ">H") for at in (5, 7))
    elif data.startswith(b"GIF8"):
        yield from (Field(at, "<H") for at in (6, 8))
        for frame in re.finditer(rb"\x00,", data):
            yield from (Field(frame.start() + at, "<H") for at in (6, 8))
    elif data.startswith(b"BM"):
        yield from (Field(at, "<i") for at in (18, 22))
    elif data.startswith(b"RIFF"):
        yield from (Field(at, "<H") for at in (24, 26, 28))
    elif data.startswith((b"II", b"MM")):
        yield from _tiff_sizes(data)
    else:
        for box in re.finditer(rb"ispe", data):
            yield from (Field(box.start() + at, ">I") for at in (8, 12))


def _tiff_sizes(data: bytes) -> Iterator[Field]:
    order = "<" if data.startswith(b"II") else ">"
    for tag in (256, 257):
        for kind, layout in ((3, "H"), (4, "I")):
            entry = struct.pack(f"{order}HHI", tag, kind, 1)
            found = re.finditer(re.escape(entry), data)
            yield from (Field(match.end(), order + layout) for match in found)
