"""Reads the size of a JPEG, PNG or WebP from its outer structure, in bounded time.

No decoder sees the bytes here, so that these formats, nearly all of the traffic, are judged
before any pixel and any third-party code. What is found must agree with the decoder later on.
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segmenter.imaging.sniff import ImageFormat

# Far more than any encoder writes: whole metadata fills 500 segments of 64 KiB, progressive
# scripts have about ten scans, and a PNG at the byte limit has 4,000 chunks of 8 KiB. Pillow takes
# some microseconds for each chunk, so that a PNG of a million is refused.
_MAX_JPEG_SEGMENTS = 4096
_MAX_JPEG_SCANS = 32
_MAX_JPEG_JUNK_BYTES = 65_536
_MANY_PNG_CHUNKS = 16_384
_MAX_PNG_CHUNKS = 65_536


@dataclass(frozen=True, slots=True)
class Outline:
    """What the outer structure says."""

    width_px: int
    height_px: int
    intricate: bool
    """Whether decoding may take far longer than the size suggests."""


class OutlineError(Exception):
    """The outer structure is broken."""


def read_outline(data: bytes, image_format: ImageFormat) -> Outline | None:
    """Reads the outline; None where the format's size takes its decoder to find.

    Raises:
        OutlineError: the structure is broken or cut off before it tells the size.
    """
    reader = _READERS.get(image_format)
    if reader is None:
        return None
    try:
        return reader(data)
    except (struct.error, IndexError) as error:
        raise OutlineError("cut off") from error


# Bytes between segments are skipped, as every decoder does; Pillow's does so in Python, byte by
# byte, hence the bound.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff])", re.DOTALL)
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
# Arithmetic coding lets a few bytes stand for any number of pixels that take long each.
_JPEG_ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA


def _read_jpeg(data: bytes) -> Outline:
    position, junk_left = 2, _MAX_JPEG_JUNK_BYTES
    frame: tuple[int, int, int, int] | None = None
    for _ in range(_MAX_JPEG_SEGMENTS):
        found = _JPEG_MARKER.search(data, position, position + junk_left + 2)
        if found is None or found[1][0] == _JPEG_END:
            break
        junk_left -= found.start() - position
        marker, position = found[1][0], found.end()
        if marker in _JPEG_STANDALONE:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        if marker in _JPEG_FRAMES:
            frame = (marker, *struct.unpack_from(">xHHB", data, position + 2))
        elif marker == _JPEG_SCAN and frame is not None:
            kind, height, width, components = frame
            one_scan = data[position + 2] >= components and kind not in _JPEG_PROGRESSIVE
            many_scans = not one_scan and _has_many_scans(data, found.start())
            return Outline(width, height, many_scans or kind in _JPEG_ARITHMETIC)
        position += length
    raise OutlineError("no scan follows a frame header")


def _has_many_scans(data: bytes, position: int) -> bool:
    """Counts what looks like scans: each may cost a pass over all pixels from a few bytes."""
    for _ in range(_MAX_JPEG_SCANS):
        position = data.find(b"\xff\xda", position) + 2
        if position == 1:
            return False
    return True


# Their bytes unfold to a thousand times as many, 4 MiB at most, and Pillow unfolds each of them,
# though only one profile is ever used. Eight bytes may so take as long as one more chunk.
_PNG_UNFOLDING = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_PNG_UNFOLDED_IN_FULL_BYTES, _PNG_UNFOLDED_BYTES_A_CHUNK = 4096, 8


def _read_png(data: bytes) -> Outline:
    kind, width, height = struct.unpack_from(">4sII", data, 12)
    if kind != b"IHDR":
        raise OutlineError("the first chunk is not the header")
    return Outline(width, height, intricate=_png_chunks(data) >= _MANY_PNG_CHUNKS)


def _png_chunks(data: bytes) -> int:
    """Counts the chunks that are read with the first picture, those of further frames left out.

    One that is compressed counts as many, by what it may unfold to before Pillow's limit stops it.
    """
    position, end = 8, len(data) - 12
    animated = pixels_seen = False
    count = 0
    while position <= end:
        length, kind = struct.unpack_from(">I4s", data, position)
        count += 1
        if kind == b"IDAT":
            pixels_seen = True
        elif kind in _PNG_UNFOLDING:
            count += min(length, _PNG_UNFOLDED_IN_FULL_BYTES) // _PNG_UNFOLDED_BYTES_A_CHUNK
        elif kind == b"acTL" and not pixels_seen:
            # A second one takes the first back.
            animated = not animated and length >= 8 and _has_frames(data, position + 8)
        elif kind == b"fcTL" and pixels_seen and animated:
            break
        if count >= _MAX_PNG_CHUNKS:
            raise OutlineError("more chunks than any encoder writes")
        if kind == b"IEND":
            break  # what lies behind it is no part of the picture
        position += 12 + length
    return count


def _has_frames(data: bytes, position: int) -> bool:
    (frames,) = struct.unpack_from(">I", data, position)
    return bool(2 <= frames <= 1 << 31)


def _read_webp(data: bytes) -> Outline:
    match data[12:16]:
        case b"VP8 ":
            signature, width, height = struct.unpack_from("<3sHH", data, 23)
            if signature != b"\x9d\x01\x2a":
                raise OutlineError("no key frame")
            return Outline(width & 0x3FFF, height & 0x3FFF, intricate=False)
        case b"VP8L":
            signature, bits = struct.unpack_from("<BI", data, 20)
            if signature != 0x2F:
                raise OutlineError("no lossless signature")
            return Outline((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, intricate=False)
        case b"VP8X":
            low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
            return Outline((low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1, intricate=False)
        case _:
            raise OutlineError("no known bitstream")


_READERS: Mapping[ImageFormat, Callable[[bytes], Outline]] = {
    ImageFormat.JPEG: _read_jpeg,
    ImageFormat.PNG: _read_png,
    ImageFormat.WEBP: _read_webp,
}
