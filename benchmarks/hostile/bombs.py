"""Small files that claim, or unfold to, far more than they hold. All are made in code."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import pillow_heif
from PIL import Image

_UNFOLDED_BYTES = 64 * 2**20
_MANY_CHUNKS = 1_000_000
_APNG_FRAMES, _GIF_FRAMES = 100_000, 10_000
_SIDE_PX = 65_535
_SMALL_PX = 8


@dataclass(frozen=True, slots=True)
class Bomb:
    """One kind."""

    make: Callable[[], bytes]
    reasons: tuple[str, ...]
    """Names of those that suit its refusal, before any pixel of its claims is decoded. Without any
    it is a picture, at the price of its first frame."""


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Makes a chunk with its right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width_px: int, height_px: int, before: bytes = b"", behind: bytes = b"") -> bytes:
    """Makes a black PNG with chunks of one's own; one over every limit has a few rows only."""
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    rows = bytes(min((width_px + 1) * height_px, 2**24))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before
        + png_chunk(b"IDAT", zlib.compress(rows))
        + behind
        + png_chunk(b"IEND", b"")
    )


def _small_png(before: bytes = b"", behind: bytes = b"") -> bytes:
    return png(_SMALL_PX, _SMALL_PX, before, behind)


@cache
def _unfolding(unfolded_bytes: int = _UNFOLDED_BYTES) -> bytes:
    return zlib.compress(bytes(unfolded_bytes), 9)


def _header_behind_pixels() -> bytes:
    whole = _small_png()
    signature, header, rest = whole[:8], whole[8:33], whole[33:]
    end = len(rest) - 12
    return signature + rest[:end] + header + rest[end:]


def _second_header() -> bytes:
    """Makes a PNG that says what it is once more, and larger, behind its pixels."""
    return _small_png(behind=png(_SIDE_PX, _SIDE_PX)[8:33])


def _frame_control(number: int) -> bytes:
    fields = (number, _SMALL_PX, _SMALL_PX, 0, 0, 1, 100, 0, 0)
    return png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", *fields))


def _apng_of_many_frames() -> bytes:
    pixels = zlib.compress(bytes((_SMALL_PX + 1) * _SMALL_PX))
    frames = b"".join(
        _frame_control(2 * number - 1) + png_chunk(b"fdAT", struct.pack(">I", 2 * number) + pixels)
        for number in range(1, _APNG_FRAMES)
    )
    control = png_chunk(b"acTL", struct.pack(">II", _APNG_FRAMES, 0))
    return _small_png(before=control + _frame_control(0), behind=frames)


def _encoded(file_format: str, mode: str = "RGB") -> bytearray:
    buffer = io.BytesIO()
    Image.new(mode, (_SMALL_PX, _SMALL_PX)).save(buffer, file_format)
    return bytearray(buffer.getvalue())


def _patched(data: bytearray, at: int, layout: str, *numbers: int) -> bytes:
    struct.pack_into(layout, data, at, *numbers)
    return bytes(data)


def _jpeg() -> bytes:
    data = _encoded("JPEG")
    return _patched(data, data.index(b"\xff\xc0") + 5, ">HH", _SIDE_PX, _SIDE_PX)


def _gif_frame_beyond_its_screen() -> bytes:
    data = _encoded("GIF", "P")
    descriptor = data.index(b",\0\0\0\0")
    return _patched(data, descriptor + 5, "<HH", _SIDE_PX, _SIDE_PX)


def _gif_of_many_frames() -> bytes:
    data = bytes(_encoded("GIF", "P"))
    frame = data[data.index(b",\0\0\0\0") : -1]
    return data[:-1] + frame * (_GIF_FRAMES - 1) + data[-1:]


def _tiff() -> bytes:
    data = _encoded("TIFF")
    for tag in (256, 257):
        entry = data.index(struct.pack("<HHI", tag, 4, 1))
        struct.pack_into("<I", data, entry + 8, _SIDE_PX)
    return bytes(data)


def _avif() -> bytes:
    data = _encoded("AVIF")
    return _patched(data, data.index(b"ispe") + 8, ">II", _SIDE_PX, _SIDE_PX)


def _heic() -> bytes:
    buffer = io.BytesIO()
    size = (64, 64)
    pillow_heif.encode("RGB", size, bytes(3 * 64 * 64), buffer, quality=50)
    data = bytearray(buffer.getvalue())
    position = data.find(b"ispe")
    while position >= 0:
        struct.pack_into(">II", data, position + 8, _SIDE_PX, _SIDE_PX)
        position = data.find(b"ispe", position + 1)
    return bytes(data)


_TOO_LARGE = ("IMAGE_TOO_MANY_PIXELS",)
_BROKEN = ("INVALID_IMAGE",)
_EITHER = (*_TOO_LARGE, *_BROKEN)

BOMBS: Mapping[str, Bomb] = {
    "PNG of 65,535 x 65,535": Bomb(lambda: png(_SIDE_PX, _SIDE_PX), _TOO_LARGE),
    "PNG of 2^31 - 1 squared": Bomb(lambda: png(2**31 - 1, 2**31 - 1), _TOO_LARGE),
    "PNG of 30,000 x 30,000": Bomb(lambda: png(30_000, 30_000), _TOO_LARGE),
    "PNG, header behind the pixels": Bomb(_header_behind_pixels, _BROKEN),
    "PNG, second header behind the pixels": Bomb(_second_header, ()),
    "PNG, 64 MiB in zTXt": Bomb(
        lambda: _small_png(png_chunk(b"zTXt", b"note\0\0" + _unfolding())), _BROKEN
    ),
    "PNG, 64 MiB in zTXt behind the pixels": Bomb(
        lambda: _small_png(behind=png_chunk(b"zTXt", b"note\0\0" + _unfolding())), _BROKEN
    ),
    "PNG, 64 MiB in iTXt": Bomb(
        lambda: _small_png(png_chunk(b"iTXt", b"note\0\1\0\0\0" + _unfolding())), _BROKEN
    ),
    "PNG, 64 MiB in iCCP": Bomb(
        lambda: _small_png(png_chunk(b"iCCP", b"profile\0\0" + _unfolding())), _BROKEN
    ),
    "PNG, 2,000 iCCP of 4 MiB each": Bomb(
        lambda: _small_png(png_chunk(b"iCCP", b"p\0\0" + _unfolding(4 * 2**20)) * 2000), _BROKEN
    ),
    "PNG, a million tEXt": Bomb(
        lambda: _small_png(png_chunk(b"tEXt", b"a\0") * _MANY_CHUNKS), _BROKEN
    ),
    "PNG, a million tEXt behind the pixels": Bomb(
        lambda: _small_png(behind=png_chunk(b"tEXt", b"a\0") * _MANY_CHUNKS), _BROKEN
    ),
    "APNG of 100,000 frames": Bomb(_apng_of_many_frames, ()),
    "JPEG of 65,535 x 65,535": Bomb(_jpeg, _TOO_LARGE),
    "WebP of 16,383 x 16,383": Bomb(
        lambda: _patched(_encoded("WEBP"), 26, "<HH", 16_383, 16_383), _TOO_LARGE
    ),
    "GIF of 65,535 x 65,535": Bomb(
        lambda: _patched(_encoded("GIF", "P"), 6, "<HH", _SIDE_PX, _SIDE_PX), _TOO_LARGE
    ),
    "GIF, a frame of 65,535 x 65,535": Bomb(_gif_frame_beyond_its_screen, _TOO_LARGE),
    "GIF of 10,000 frames": Bomb(_gif_of_many_frames, ()),
    "BMP of 65,535 x 65,535": Bomb(
        lambda: _patched(_encoded("BMP"), 18, "<ii", _SIDE_PX, _SIDE_PX), _TOO_LARGE
    ),
    "TIFF of 65,535 x 65,535": Bomb(_tiff, _TOO_LARGE),
    "AVIF of 65,535 x 65,535": Bomb(_avif, _EITHER),
    "HEIC of 65,535 x 65,535": Bomb(_heic, _EITHER),
}
"""By what they are."""
