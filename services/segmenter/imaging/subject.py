"""What is shown of a picture: colours and alpha, computed a block of rows at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.crop import Box, visible_box
from segmenter.imaging.despill import Spill
from segmenter.imaging.foreground import Foreground, subject_share
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture

HIDDEN = [255] + [0] * 255
"""By alpha: a mask of where nothing is seen of it."""


class Shown(Protocol):
    """Colours with straight alpha, to be put over a background. Safe to read from threads."""

    @property
    def width_px(self) -> int:
        """Width in pixels."""

    @property
    def height_px(self) -> int:
        """Height in pixels."""

    @property
    def icc_profile(self) -> bytes | None:
        """The colour space; None is sRGB."""

    def rgb(self, top: int, bottom: int) -> Image.Image:
        """Computes the colours of some rows, mode RGB; the caller may overwrite them."""

    def source_rgb(self, top: int, bottom: int) -> Image.Image:
        """Gives what the picture shows in some rows, hidden or not, mode RGB."""

    def alpha_u8(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """Gives the alpha of some rows, uint8 [bottom - top, width]."""

    def visible_box(self) -> Box | None:
        """Finds the smallest box of the canvas that holds all pixels with alpha above 0."""

    def cut_to(self, box: Box) -> Self:
        """Shows another box of the same canvas."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is shown of a picture and its matte, which are of one size."""

    picture: Picture
    matte: Matte
    box: Box
    """The part that is shown."""

    to_srgb: Callable[[Image.Image], Image.Image] | None = None
    """Converts colours from the space of the picture; None leaves them there."""

    foreground: Foreground | None = None
    """Tells the subject's colours where it mixes with its background; None keeps the mixtures."""

    spill: Spill | None = None
    """Tells where a green screen's light is to be taken back; None leaves it."""

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.box.width_px

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.box.height_px

    @property
    def icc_profile(self) -> bytes | None:
        """The profile of the source, where its colours are left in it."""
        return None if self.to_srgb else self.picture.icc_profile

    def rgb(self, top: int, bottom: int) -> Image.Image:
        """Computes the colours of some rows of the box, mode RGB; the caller may overwrite them."""
        box = self.box
        part = (box.left, box.top + top, box.right, box.top + bottom)
        rgb = self.picture.rgb.crop(part)
        alpha_u8 = self.alpha_u8(top, bottom)
        if self.foreground:
            source_alpha = self.picture.alpha and self.picture.alpha.crop(part)
            share_u8 = subject_share(alpha_u8, source_alpha)
            self.foreground.unmix(rgb, share_u8, box.left, box.top + top)
        if self.spill:
            self.spill.remove(rgb, alpha_u8, box.left, box.top + top)
        return self.to_srgb(rgb) if self.to_srgb else rgb

    def source_rgb(self, top: int, bottom: int) -> Image.Image:
        """See `Shown.source_rgb`."""
        box = self.box
        rgb = self.picture.rgb.crop((box.left, box.top + top, box.right, box.top + bottom))
        return self.to_srgb(rgb) if self.to_srgb else rgb

    def alpha_u8(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """Gives the matte of some rows of the box, uint8 [bottom - top, width]."""
        box = self.box
        return self.matte.alpha_u8[box.top + top : box.top + bottom, box.left : box.right]

    def visible_box(self) -> Box | None:
        """See `Shown.visible_box`."""
        return visible_box(self.matte)

    def cut_to(self, box: Box) -> Self:
        """See `Shown.cut_to`."""
        return replace(self, box=box)
