"""Tells an image's format from its first bytes. Knows signatures only, and decodes nothing."""

import struct
from enum import StrEnum

from segmenter.errors import InvalidImageError, MissingImageError, UnsupportedImageFormatError

ACCEPTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF"


class ImageFormat(StrEnum):
    """The formats that are accepted."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    TIFF = "tiff"
    HEIC = "heic"
    """HEIC, and HEIF of other brands."""
    AVIF = "avif"


_ACCEPTED_PREFIXES = (
    (b"\xff\xd8\xff", ImageFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", ImageFormat.PNG),
    (b"GIF87a", ImageFormat.GIF),
    (b"GIF89a", ImageFormat.GIF),
)

# What follows the byte order: "*" is TIFF, "+" is BigTIFF.
_TIFF_PREFIXES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_BMP_HEADER_BYTES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1"})

# Signatures of images that are not accepted: offset, bytes, name.
_FOREIGN_SIGNATURES = (
    (0, b"8BPS", "psd"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg 2000"),
    (0, b"\xff\x4f\xff\x51", "jpeg 2000"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpeg xl"),
    (0, b"\xff\x0a", "jpeg xl"),
    (0, b"II\xbc\x01", "jpeg xr"),
    (0, b"\x00\x00\x01\x00", "ico"),
    (0, b"%PDF-", "pdf"),
    (0, b"%!PS", "eps"),
    (0, b"\xc5\xd0\xd3\xc6", "eps"),
    (0, b"IIRO", "camera raw"),
    (0, b"IIRS", "camera raw"),
    (0, b"MMOR", "camera raw"),
    (0, b"IIU\x00", "camera raw"),
    (0, b"II\x1a\x00\x00\x00HEAPCCDR", "camera raw"),
    (0, b"II*\x00\x10\x00\x00\x00CR", "camera raw"),
    (0, b"FUJIFILMCCD-RAW", "camera raw"),
    (0, b"FOVb", "camera raw"),
    (0, b"\x00MRM", "camera raw"),
    (4, b"ftypcrx ", "camera raw"),
    (0, b"DDS ", "dds"),
    (0, b"\x76\x2f\x31\x01", "openexr"),
    (0, b"#?RADIANCE", "radiance hdr"),
    (0, b"#?RGBE", "radiance hdr"),
    (0, b"qoif", "qoi"),
    (0, b"SIMPLE  =", "fits"),
    (0, b"icns", "icns"),
    (0, b"\x01\xda", "sgi"),
    (0, b"\x59\xa6\x6a\x95", "sun raster"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (40, b" EMF", "emf"),
    (0, b"/* XPM */", "xpm"),
    (0, b"gimp xcf", "xcf"),
    (0, b"\x8aMNG\r\n\x1a\n", "mng"),
    (0, b"\x8bJNG\r\n\x1a\n", "jng"),
    (0, b"FLIF", "flif"),
    (0, b"BPG\xfb", "bpg"),
    (0, b"AT&TFORM", "djvu"),
)


def sniff(data: bytes) -> ImageFormat:
    """Tells the format.

    Raises:
        MissingImageError: there are no bytes.
        UnsupportedImageFormatError: an image of a format that is not accepted.
        InvalidImageError: no image.
    """
    if not data:
        raise MissingImageError("The request holds no image. Send one as bytes.")
    # Some raw photos begin like a TIFF, so the foreign signatures come first.
    foreign = _foreign_by_signature(data)
    accepted = None if foreign else _accepted(data)
    if accepted is not None:
        return accepted
    name = foreign or _foreign_without_signature(data)
    if name is None:
        raise InvalidImageError(f"The bytes are no image of a known format. Send {ACCEPTED}.")
    raise UnsupportedImageFormatError(
        f"Images of the format {name.upper()} are not accepted. Send {ACCEPTED}.", format=name
    )


def _foreign_by_signature(data: bytes) -> str | None:
    return next(
        (name for at, magic, name in _FOREIGN_SIGNATURES if data.startswith(magic, at)), None
    )


def _accepted(data: bytes) -> ImageFormat | None:
    for prefix, image_format in _ACCEPTED_PREFIXES:
        if data.startswith(prefix):
            return image_format
    if data.startswith(b"RIFF") and data.startswith(b"WEBP", 8):
        return ImageFormat.WEBP
    if data.startswith(_TIFF_PREFIXES):
        return ImageFormat.TIFF
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADER_BYTES:
        return ImageFormat.BMP
    if data.startswith(b"ftyp", 4):
        return _by_brands(data)
    return None


def _by_brands(data: bytes) -> ImageFormat | None:
    major = data[8:12]
    if major in _HEVC_BRANDS:
        return ImageFormat.HEIC
    # Other major brands only say that it is an image; its coding is among the compatible ones.
    box_bytes = min(int.from_bytes(data[:4], "big"), 256)
    brands = {major, *(data[at : at + 4] for at in range(16, box_bytes, 4))}
    if brands & _AVIF_BRANDS:
        return ImageFormat.AVIF
    return ImageFormat.HEIC if brands & (_HEVC_BRANDS | _HEIF_BRANDS) else None


def _foreign_without_signature(data: bytes) -> str | None:
    if _is_netpbm(data):
        return "pnm"
    if _is_svg(data):
        return "svg"
    if data.startswith(b"#define ") and b"_width " in data[:256]:
        return "xbm"
    if data.startswith(b"\n") and data[1:2] in b"\x00\x02\x03\x04\x05" and data[2:3] == b"\x01":
        return "pcx"
    if data.startswith(b"\x00\x00\x02\x00") and data[4:6] != b"\x00\x00":
        return "cur"
    return "tga" if _is_tga(data) else None


def _is_netpbm(data: bytes) -> bool:
    return data[:1] == b"P" and data[1:2] in b"1234567fF" and data[2:3].isspace()


def _is_svg(data: bytes) -> bool:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head


def _is_tga(data: bytes) -> bool:
    """Tells whether the header can be that of a TGA, which has no signature in front."""
    if data.endswith(b"TRUEVISION-XFILE.\0"):
        return True
    if len(data) < 18:
        return False
    _, map_type, kind, _, map_length, map_depth, _, _, width, height, depth, flags = struct.unpack(
        "<BBBHHBHHHHBB", data[:18]
    )
    if not (width and height) or flags & 0xC0:
        return False
    kind &= ~8  # the bit tells of run-length coding
    if kind == 1:
        return map_type == 1 and map_depth in {15, 16, 24, 32} and depth in {8, 16}
    depths = {2: {15, 16, 24, 32}, 3: {8, 16}}.get(kind, set())
    return map_type == 0 and map_length == 0 and depth in depths
