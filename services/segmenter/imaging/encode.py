"""Writes JPEG, WebP, BMP and GIF with Pillow, which wants the whole picture at once.

That picture is the one copy of an answer that ever exists: 4 bytes a pixel. It is put together out
of blocks of rows, which several threads may do side by side.
"""

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from segmenter.errors import InvalidOptionError
from segmenter.imaging.background import WHITE
from segmenter.imaging.compose import Rows
from segmenter.imaging.palette import indexed
from segmenter.imaging.strips import block_bounds
from segmenter.options import OutputFormat

LONGEST_SIDE_PX: Mapping[OutputFormat, int] = {
    OutputFormat.WEBP: 16_383,
    OutputFormat.JPEG: 65_500,
    OutputFormat.GIF: 65_535,
}
"""What the format, or libjpeg, can write. The others take every picture there can be."""

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}

BYTES_IN_WORK = 10
"""A pixel: the picture, its matte and the answer, the writing of most formats included."""

_EXTRA_BYTES: Mapping[OutputFormat, int] = {
    OutputFormat.WEBP: 20,
    OutputFormat.BMP: 5,
    OutputFormat.ZIP: 2,
}
"""A pixel. An opaque WebP takes less; that it is one is known only when it is composed."""

_LOSSLESS_WEBP: Mapping[str, Any] = {"format": "WEBP", "lossless": True, "quality": 0, "method": 0}
"""Of mattes, at the least effort."""

_SAVE: Mapping[OutputFormat, Mapping[str, Any]] = {
    # Chroma of full resolution: halved, it bleeds over hard edges between subject and background,
    # and quality 95 with it is larger and no better there than 90 without.
    OutputFormat.JPEG: {"format": "JPEG", "quality": 90, "subsampling": "4:4:4"},
    # Method 0 takes half the time of 1, for files that are somewhat larger; alpha is lossless. What
    # is hidden goes in as zero and stays it beyond the blocks at the edge.
    OutputFormat.WEBP: {"format": "WEBP", "quality": 90, "method": 0, "exact": True},
    OutputFormat.BMP: {"format": "BMP"},
    OutputFormat.GIF: {"format": "GIF"},
}
"""How Pillow is told to save; `python -m benchmarks.encode` measures these and their likes."""


def holds(file_format: OutputFormat, width_px: int, height_px: int) -> bool:
    """Tells whether the file format can hold a picture of that size."""
    return max(width_px, height_px) <= _longest_side_px(file_format)


def check_sides(file_format: OutputFormat, width_px: int, height_px: int) -> None:
    """Refuses a size that the file format cannot hold.

    Raises:
        InvalidOptionError: a side is too long.
    """
    if not holds(file_format, width_px, height_px):
        raise InvalidOptionError(
            f"The answer would be {width_px} x {height_px} pixels; a {file_format.name} has at "
            f"most {_longest_side_px(file_format)} a side. Ask for another format or a smaller "
            "size.",
            field="format",
        )


def _longest_side_px(file_format: OutputFormat) -> float:
    # A ZIP holds a JPEG.
    written = OutputFormat.JPEG if file_format is OutputFormat.ZIP else file_format
    return LONGEST_SIDE_PX.get(written, math.inf)


def extra_cost_px(file_format: OutputFormat, answer_px: int) -> int:
    """Tells how many more pixels could be in work in the memory that only this format takes."""
    return answer_px * _EXTRA_BYTES.get(file_format, 0) // BYTES_IN_WORK


def canvas(rows: Rows) -> Image.Image:
    """Makes room for a picture; its pixels are not set."""
    return Image.new(_MODES[rows.channels], (rows.width_px, rows.height_px), None)


def paint(picture: Image.Image, rows: Rows, top: int, bottom: int) -> None:
    """Puts the rows from `top` up to `bottom` into the picture. Threads may share one picture."""
    for block_top, block_bottom in block_bounds(top, bottom, rows.width_px):
        size = (rows.width_px, block_bottom - block_top)
        # A matte that is cropped is none in one piece.
        pixels_u8 = np.ascontiguousarray(rows.block(block_top, block_bottom))
        block = Image.frombytes(picture.mode, size, pixels_u8)
        picture.paste(block, (0, block_top))


def encode(picture: Image.Image, rows: Rows, file_format: OutputFormat) -> bytes:
    """Writes the file of a picture that holds all of `rows`.

    It takes memory beside the picture for the while: hardly any for JPEG, 2 bytes a pixel for GIF,
    6 for BMP and for WebP, 18 for a matte in WebP, and 21 for WebP with alpha.
    """
    if file_format is OutputFormat.GIF:
        picture = indexed(picture, rows.ground or WHITE)
    matte_in_webp = file_format is OutputFormat.WEBP and rows.channels == 1
    save = _LOSSLESS_WEBP if matte_in_webp else _SAVE[file_format]
    buffer = io.BytesIO()
    picture.save(buffer, icc_profile=rows.icc_profile, **save)
    return buffer.getvalue()
