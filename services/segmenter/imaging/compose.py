"""Joins a picture and its matte, a block of rows at a time.

The answer never exists as one array here: the encoder asks for rows when it has use for them, and
what it is handed still lies in the processor's cache.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.background import over_opaque, over_translucent
from segmenter.imaging.crop import Box
from segmenter.imaging.kernels.colours import cover
from segmenter.imaging.kernels.pixels import pixels_of
from segmenter.imaging.matte import Matte
from segmenter.imaging.subject import Shown
from segmenter.scene_options import Colour


class Rows(Protocol):
    """A finished picture that is computed as it is read. Safe to read from several threads."""

    @property
    def width_px(self) -> int:
        """Width in pixels."""

    @property
    def height_px(self) -> int:
        """Height in pixels."""

    @property
    def channels(self) -> int:
        """Bytes a pixel: 4 is RGBA with straight alpha, 3 is RGB, 1 is grey."""

    @property
    def icc_profile(self) -> bytes | None:
        """The colour space of the pixels; None is sRGB, or no colour at all."""

    @property
    def ground(self) -> Colour | None:
        """The colour behind the subject; None where nothing is."""

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """Computes the rows from `top` up to `bottom`, uint8 [bottom - top, width x channels]."""


@dataclass(frozen=True, slots=True)
class _SubjectRows:
    """Rows that show a subject."""

    subject: Shown

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.subject.width_px

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.subject.height_px


@dataclass(frozen=True, slots=True)
class CutOutRows(_SubjectRows):
    """The subject in its own colours with straight alpha; hidden pixels are zero."""

    channels: int = 4
    ground: Colour | None = None

    @property
    def icc_profile(self) -> bytes | None:
        """The profile of the source, where its colours were left in it."""
        return self.subject.icc_profile

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        pixels_u8 = pixels_of(self.subject.rgb(top, bottom))
        cover(pixels_u8, self.subject.alpha_u8(top, bottom))
        return pixels_u8.reshape(len(pixels_u8), -1)


@dataclass(frozen=True, slots=True)
class OpaqueRows(_SubjectRows):
    """The subject over an opaque colour, RGB."""

    ground: Colour
    channels: int = 3
    icc_profile: bytes | None = None

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        return over_opaque(
            self.subject.rgb(top, bottom), self.subject.alpha_u8(top, bottom), self.ground
        )


@dataclass(frozen=True, slots=True)
class TranslucentRows(_SubjectRows):
    """The subject over a translucent colour, with straight alpha."""

    ground: Colour
    channels: int = 4
    icc_profile: bytes | None = None

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        return over_translucent(
            self.subject.rgb(top, bottom), self.subject.alpha_u8(top, bottom), self.ground
        )


@dataclass(frozen=True, slots=True)
class MatteRows:
    """The matte alone."""

    matte: Matte
    box: Box
    channels: int = 1
    icc_profile: bytes | None = None
    ground: Colour | None = None

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.box.width_px

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.box.height_px

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """See `Rows.block`."""
        box = self.box
        return self.matte.alpha_u8[box.top + top : box.top + bottom, box.left : box.right]
