"""Rows with a border around them, and rows with a picture behind them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.compose import Rows
from segmenter.imaging.subject import Shown
from segmenter.scene_options import Colour


@dataclass(frozen=True, slots=True)
class FramedRows:
    """A picture on a larger canvas, around which goes on what is behind its subject."""

    rows: Rows
    left_px: int
    """The border on the left."""
    top_px: int
    width_px: int
    """Of the canvas."""
    height_px: int

    @property
    def channels(self) -> int:
        """See `Rows.channels`."""
        return self.rows.channels

    @property
    def icc_profile(self) -> bytes | None:
        """See `Rows.icc_profile`."""
        return self.rows.icc_profile

    @property
    def ground(self) -> Colour | None:
        """See `Rows.ground`."""
        return self.rows.ground

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        framed_u8 = np.empty((bottom - top, self.width_px * self.channels), np.uint8)
        framed_u8[:] = np.tile(self._border_u8(), self.width_px)
        first, last = max(top, self.top_px), min(bottom, self.top_px + self.rows.height_px)
        if first < last:
            block_u8 = self.rows.block(first - self.top_px, last - self.top_px)
            start = self.left_px * self.channels
            framed_u8[first - top : last - top, start : start + block_u8.shape[1]] = block_u8
        return framed_u8

    def _border_u8(self) -> NDArray[np.uint8]:
        """Gives a pixel in which nothing is seen of the subject, uint8 [channels]."""
        ground = (*self.ground.rgb, self.ground.alpha) if self.ground else (0, 0, 0, 0)
        return np.array(ground[: self.channels], np.uint8)


@dataclass(frozen=True, slots=True)
class BackdropRows:
    """A subject in sRGB before a picture, which is as large as the canvas."""

    subject: Shown
    left_px: int
    """Where on the canvas the subject begins."""
    top_px: int
    backdrop: Image.Image
    """Mode RGB, in sRGB."""
    channels: int = 3
    icc_profile: bytes | None = None
    ground: Colour | None = None

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.backdrop.width

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.backdrop.height

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        block = self.backdrop.crop((0, top, self.width_px, bottom))
        first = max(top, self.top_px)
        last = min(bottom, self.top_px + self.subject.height_px)
        if first < last:
            rows = first - self.top_px, last - self.top_px
            mask = Image.fromarray(self.subject.alpha_u8(*rows))
            # Pillow's blend is rounded exactly.
            block.paste(self.subject.rgb(*rows), (self.left_px, first - top), mask)
        return np.frombuffer(block.tobytes(), np.uint8).reshape(bottom - top, -1)
