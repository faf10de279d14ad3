"""The pictures that are sent, and what a right answer to them looks like."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import ROOT

Pixels = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX = 300, 200
_DATA = ROOT / "tests" / "data"


def photo(
    name: str = "coffee", width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX
) -> Image.Image:
    """A photo of the repository, RGB, in another size."""
    with Image.open(_DATA / f"{name}.jpg") as image:
        pixels = image.convert("RGB").resize((width_px, height_px), Image.Resampling.LANCZOS)
    # Only the pixels: no profile and no other facts of the file.
    return Image.fromarray(np.array(pixels))


def plain(colour: tuple[int, int, int] = (128, 128, 128)) -> Image.Image:
    """A picture of nothing."""
    return Image.new("RGB", (WIDTH_PX, HEIGHT_PX), colour)


def encoded(image: Image.Image, image_format: str = "PNG", **options: Any) -> bytes:
    """Writes a picture as a file of one of Pillow's formats."""
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def heic(image: Image.Image) -> bytes:
    """Writes a picture as phones do."""
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=90)
    return file.getvalue()


def padded_jpeg(length_bytes: int) -> bytes:
    """A good JPEG with so much behind its end that the file is as long as asked for."""
    jpeg = encoded(photo(), "JPEG")
    return jpeg + bytes(length_bytes - len(jpeg))


def png_that_claims(width_px: int, height_px: int) -> bytes:
    """A PNG whose header tells a size and whose body holds a few bytes of it."""
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def crop_box(alpha_u8: Pixels) -> tuple[slice, slice]:
    """The rows and columns of the tight box around what is not wholly transparent; else all."""
    rows, columns = np.any(alpha_u8, axis=1).nonzero()[0], np.any(alpha_u8, axis=0).nonzero()[0]
    if rows.size == 0:
        return slice(None), slice(None)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def over(rgba_u8: Pixels, colour: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """Composites a cut-out over a colour by the Porter-Duff rule, in sRGB; float [H, W, 4]."""
    rgba = rgba_u8.astype(np.float64)
    ours = rgba[..., 3:] / 255
    theirs = colour[3] / 255 * (1 - ours)
    alpha = ours + theirs
    mixed = rgba[..., :3] * ours + np.array(colour[:3], np.float64) * theirs
    rgb = np.divide(mixed, alpha, out=np.zeros_like(mixed), where=alpha > 0)
    return np.concatenate([rgb, alpha * 255], axis=2)


def differs_by(one: NDArray[Any], other: NDArray[Any]) -> float:
    """The largest difference between two pictures of the same shape."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


def differs_on_average_by(one: NDArray[Any], other: NDArray[Any]) -> float:
    """The mean difference between two pictures of the same shape."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).mean())


def listing(*folders: Path) -> dict[Path, int]:
    """All files below some folders, with their sizes."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path: path.stat().st_size for path in files}


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum
