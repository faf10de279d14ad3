"""Where in a picture the answer lies: all of it, or the smallest box around the subject."""

from dataclasses import dataclass
from typing import Self

from PIL import Image

from segmenter.imaging.matte import Matte


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in pixels; `right` and `bottom` lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width_px(self) -> int:
        """The width."""
        return self.right - self.left

    @property
    def height_px(self) -> int:
        """The height."""
        return self.bottom - self.top

    @classmethod
    def whole(cls, matte: Matte) -> Self:
        """Makes the box that holds all pixels."""
        height_px, width_px = matte.alpha_u8.shape
        return cls(0, 0, width_px, height_px)


def subject_box(matte: Matte) -> Box:
    """Finds the smallest box that holds all pixels with alpha above 0.

    It is the whole picture where there are none.
    """
    found = Image.fromarray(matte.alpha_u8).getbbox()
    return Box(*found) if found else Box.whole(matte)
