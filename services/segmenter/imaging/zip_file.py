"""Writes a picture as two in a ZIP archive: its colours, which nothing hides, and its alpha.

Programs that lay a subject elsewhere take both. The archive only holds them: they are compressed
already. Source: PKWARE's APPNOTE.
"""

import io
import zipfile
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging import png
from segmenter.imaging.compose import CutOutRows, Rows
from segmenter.imaging.encode import encode
from segmenter.imaging.framing import FramedRows
from segmenter.imaging.strips import block_bounds
from segmenter.imaging.subject import HIDDEN
from segmenter.options import OutputFormat
from segmenter.scene_options import Colour

COLOUR_NAME, ALPHA_NAME = "color.jpg", "alpha.png"

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first that an archive can tell, so that equal pictures make equal files."""


@dataclass(frozen=True, slots=True)
class AlphaRows:
    """An alpha that exists already."""

    image: Image.Image
    """Mode L."""

    channels: int = 1
    icc_profile: bytes | None = None
    ground: Colour | None = None

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.image.width

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.image.height

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        return np.asarray(self.image.crop((0, top, self.width_px, bottom)))


@dataclass(frozen=True, slots=True)
class Sheets:
    """A picture in two parts of one size, 4 bytes a pixel and 1; threads may share it."""

    rows: Rows
    colour: Image.Image
    """Mode RGB."""
    alpha: AlphaRows

    def paint(self, top: int, bottom: int) -> None:
        """Puts the rows from `top` up to `bottom` into both parts."""
        for first, last in block_bounds(top, bottom, self.rows.width_px):
            size = (self.rows.width_px, last - first)
            mode = "RGB" if self.rows.channels == 3 else "RGBA"
            block = Image.frombytes(mode, size, self.rows.block(first, last))
            self.colour.paste(block.convert("RGB"), (0, first))
            if mode == "RGBA":
                self.alpha.image.paste(block.getchannel("A"), (0, first))


def sheets(rows: Rows) -> Sheets:
    """Makes room for a picture of 3 or 4 channels. Its colours are not set, its alpha is opaque."""
    size = (rows.width_px, rows.height_px)
    return Sheets(
        whole_frame(rows), Image.new("RGB", size, None), AlphaRows(Image.new("L", size, 255))
    )


def assemble(painted: Sheets, alpha: list[png.Strip]) -> bytes:
    """Writes the archive of a picture whose alpha is compressed already, from top to bottom."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (
            (COLOUR_NAME, encode(painted.colour, painted.rows, OutputFormat.JPEG)),
            (ALPHA_NAME, png.assemble(painted.alpha, alpha)),
        ):
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
    return buffer.getvalue()


def whole_frame(rows: Rows) -> Rows:
    """Gives the same rows with the colours that a cut-out hides."""
    match rows:
        case CutOutRows():
            return _UnhiddenRows(rows.subject)
        case FramedRows():
            return replace(rows, rows=whole_frame(rows.rows))
        case _:
            return rows


@dataclass(frozen=True, slots=True)
class _UnhiddenRows(CutOutRows):
    """The picture in the subject's colours with the alpha of the subject."""

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        alpha = Image.fromarray(self.subject.alpha_u8(top, bottom))
        block = self.subject.rgb(top, bottom)
        # A subject's colours end up with any where it is hidden.
        block.paste(self.subject.source_rgb(top, bottom), mask=alpha.point(HIDDEN))
        block.putalpha(alpha)
        return np.frombuffer(block.tobytes(), np.uint8).reshape(bottom - top, -1)
