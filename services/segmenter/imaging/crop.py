"""Where in a picture the answer lies: all of it, or the smallest box around the subject."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Self

from PIL import Image

from segmenter.imaging.matte import Matte
from segmenter.scene_options import Length, Margins

_WIDEST_MARGIN_PX = 500


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

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width_px, self.height_px

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom: what Pillow calls a box."""
        return self.left, self.top, self.right, self.bottom

    @classmethod
    def whole(cls, matte: Matte) -> Self:
        """Makes the box that holds all pixels."""
        height_px, width_px = matte.alpha_u8.shape
        return cls(0, 0, width_px, height_px)

    def within(self, width_px: int, height_px: int) -> "Box | None":
        """Cuts it to a canvas; None where nothing is left."""
        left, top = max(0, self.left), max(0, self.top)
        right, bottom = min(width_px, self.right), min(height_px, self.bottom)
        return Box(left, top, right, bottom) if left < right and top < bottom else None

    def grown(self, by_px: int) -> "Box":
        """Adds as much on every side."""
        return Box(self.left - by_px, self.top - by_px, self.right + by_px, self.bottom + by_px)


def visible_box(matte: Matte) -> Box | None:
    """Finds the smallest box that holds all pixels with alpha above 0; None without any."""
    found = Image.fromarray(matte.alpha_u8).getbbox()
    return Box(*found) if found else None


def with_margins(box: Box, margins: Margins) -> Box:
    """Adds a border to a box; it may reach beyond the picture.

    No side is wider than half of the box, nor than 500 pixels.
    """
    width_px, height_px = box.size
    return Box(
        box.left - _margin_px(margins.left, width_px),
        box.top - _margin_px(margins.top, height_px),
        box.right + _margin_px(margins.right, width_px),
        box.bottom + _margin_px(margins.bottom, height_px),
    )


def narrowed(outer: Box, inner: Box, max_pixels: int) -> Box:
    """Narrows the border of a box evenly, to the widest with which it has at most so many pixels.

    Where the box alone has more, it gets none.
    """
    pairs = zip(inner.edges, outer.edges, strict=True)
    borders = [abs(outside - inside) for inside, outside in pairs]
    widest = max(borders)

    def narrower(px: int) -> Box:
        left, top, right, bottom = (border * px // widest for border in borders)
        return Box(inner.left - left, inner.top - top, inner.right + right, inner.bottom + bottom)

    def pixels(px: int) -> int:
        box = narrower(px)
        return box.width_px * box.height_px

    if outer.width_px * outer.height_px <= max_pixels or widest == 0:
        return outer
    return narrower(bisect_right(range(1, widest), max_pixels, key=pixels))


def _margin_px(margin: Length, side_px: int) -> int:
    return min(margin.of(side_px), side_px // 2, _WIDEST_MARGIN_PX)
