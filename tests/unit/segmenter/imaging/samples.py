"""Encoded images for tests, made in code: by Pillow where it can, else byte by byte."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image


def picture(width_px: int = 32, height_px: int = 24) -> Image.Image:
    """Draws an RGB picture that no flip or turn maps to itself."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    red, green = 255 * x / width_px, 255 * y / height_px
    rgb = np.stack([red, green, 255 - (red + green) / 2], axis=-1)
    return Image.fromarray(rgb.round().astype(np.uint8))


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    """Encodes with Pillow."""
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Makes a chunk with its right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width_px: int,
    height_px: int,
    *,
    depth: int = 8,
    colour_type: int = 2,
    rows: bytes = b"",
    ancillary: bytes = b"",
) -> bytes:
    """Makes a PNG out of filtered rows, with chunks of one's own before the pixels."""
    header = struct.pack(">IIBBBBB", width_px, height_px, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + ancillary
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def jpeg_of_many_scans(width_px: int, height_px: int, scans: int) -> bytes:
    """Makes a progressive JPEG whose last scan is repeated: few bytes, a full pass each."""
    data = encoded(Image.new("RGB", (width_px, height_px)), "JPEG", progressive=True)
    body, end = data[:-2], data[-2:]
    last_scan = body[body.rindex(b"\xff\xda") :]
    return body + last_scan * scans + end


def bmp_of_line_ends(width_px: int, height_px: int) -> bytes:
    """Makes a run-length coded BMP, one pixel and one end of line a row.

    Pillow decodes it in Python, pixel by pixel: 4 bytes a row make it busy for long.
    """
    palette = b"".join(bytes((v, 255 - v, v, 0)) for v in range(256))
    start = 14 + 40 + len(palette)
    rows = b"\x01\x07\x00\x00" * height_px + b"\x00\x01"
    info = struct.pack("<IiiHHIIiiII", 40, width_px, height_px, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return struct.pack("<2sIHHI", b"BM", start + len(rows), 0, 0, start) + info + palette + rows


def icc_profile(space: bytes, device_class: bytes = b"mntr", gamma: float = 1.0) -> bytes:
    """Makes a profile: of a gamma for ``GRAY`` and ``RGB ``, of a tiny table for ``CMYK``."""
    white = _xyz(0.9642, 1.0, 0.8249)
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    match space:
        case b"GRAY":
            tags = {b"wtpt": white, b"kTRC": curve}
        case b"RGB ":
            # The primaries of Display P3, adapted to D50.
            tags = {
                b"wtpt": white,
                b"rXYZ": _xyz(0.5151, 0.2412, -0.0011),
                b"gXYZ": _xyz(0.2920, 0.6922, 0.0419),
                b"bXYZ": _xyz(0.1571, 0.0666, 0.7841),
                b"rTRC": curve,
                b"gTRC": curve,
                b"bTRC": curve,
            }
        case _:
            tags = {b"wtpt": white, b"A2B0": _cmyk_to_lab()}
    return _profile(space, device_class, tags)


def _profile(space: bytes, device_class: bytes, tags: dict[bytes, bytes]) -> bytes:
    connection = b"Lab " if b"A2B0" in tags else b"XYZ "
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"test", 0x02400000, device_class, space, connection
    )
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in (x, y, z)))


def _cmyk_to_lab() -> bytes:
    """Makes a table of two points an ink: all of them darken, and cyan makes a green."""
    identity = struct.pack(">9i", *(65536 if n % 4 == 0 else 0 for n in range(9)))
    ramp = bytes(range(256))
    corners = b"".join(
        bytes((255 - 40 * inks.bit_count(), 128 - 80 * (inks >> 3), 128)) for inks in range(16)
    )
    head = b"mft1" + struct.pack(">IBBBx", 0, 4, 3, 2) + identity
    return head + ramp * 4 + corners + ramp * 3


def reopened(data: bytes) -> Image.Image:
    """Opens with Pillow."""
    return Image.open(BytesIO(data))


def difference(image: Image.Image, expected: Image.Image) -> float:
    """Gives the mean absolute difference of two images of one size and mode."""
    assert image.mode == expected.mode
    assert image.size == expected.size
    return float(np.abs(np.asarray(image, float) - np.asarray(expected, float)).mean())
