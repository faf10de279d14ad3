"""Enlarges one answer of a network to full size, a block of rows at a time.

Where the answer is soft, or changes, the matte follows the picture's colours: by the small picture
it is known how the matte depends on them around each cell, and that is enlarged and applied to the
large one. Everywhere else the answer is the same all around, and is only filled in.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.guided_filter import colour_model
from segmenter.imaging.kernels.matte import Places, between, on, paint
from segmenter.imaging.kernels.pixels import pixels_of
from segmenter.imaging.neighbourhood import all_around, extremes

_LATITUDE_CELLS = 1
"""How far from where the network saw it an edge may be moved. Beyond, what has the subject's
colours by chance stays background, and what has the background's stays subject."""

_LEVELS_OF_NETWORK = (0.05, 0.95)
"""Networks come near 0 and 1 without reaching them. What lies beyond these levels is certain."""

_LEVELS_OF_MATTE = (0.1, 0.9)
"""The same for the colour model, whose linear function overshoots at one end or the other."""

_WIDEST_PX = 2048
"""Of what is computed at a time: beside it stand twelve rows of floats, in the cache."""

_Box = tuple[int, int, int, int]


class _Cell(IntFlag):
    """What the pixels of a cell need. Several cells together need all of it."""

    NOTHING = 0
    EMPTY = 1
    FULL = 2
    COMPUTED = 4


@dataclass(frozen=True, slots=True)
class Enlargement:
    """An answer that is ready to be enlarged into a box of the picture."""

    planes_f32: NDArray[np.float32]
    """Of each cell, [6, h, w]: factors of red, green and blue, and a constant, which add up to
    alpha in 0..255; and the least and the most alpha, as the network saw it nearby."""

    needs: NDArray[np.uint8]
    """What the pixels of each cell need, of `_Cell`, [h, w]."""

    box: _Box
    """Where it lies in the picture, in pixels: left, top, right, bottom."""

    columns: Places
    """Of the box, from left to right."""

    rows: Places
    """Of the box, from top to bottom."""

    def leave_out(self, box: _Box) -> None:
        """Takes note that a box of the picture, in pixels, will be painted over."""
        left, top, right, bottom = self._cells(box)
        # One cell more is computed at the rim, since pixels lie across the borders of cells.
        rows = slice(ceil(top) + 1, max(0, int(bottom) - 1))
        columns = slice(ceil(left) + 1, max(0, int(right) - 1))
        self.needs[rows, columns] = _Cell.NOTHING

    def paint(self, rows_u8: NDArray[np.uint8], shown: Image.Image, top: int) -> None:
        """Writes alpha into some rows of the picture, uint8 [rows, picture's width].

        Args:
            rows_u8: where to write; what lies beside the box stays as it is.
            shown: the same rows of the picture, in the colour space of the guide.
            top: where the first of the rows lies in the picture.
        """
        first, last = max(top, self.box[1]), min(top + len(rows_u8), self.box[3])
        if first >= last:
            return
        inside_u8 = rows_u8[first - top : last - top]
        pixels_u8 = pixels_of(shown)[first - top : last - top]
        for left, right, need in self._spans(first, last):
            match need:
                case _Cell.NOTHING:
                    pass
                case _Cell.EMPTY:
                    inside_u8[:, left:right] = 0
                case _Cell.FULL:
                    inside_u8[:, left:right] = 255
                case _:
                    area = left, first, right, last
                    self._compute(inside_u8[:, left:right], pixels_u8[:, left:right], area)

    def _spans(self, top: int, bottom: int) -> Iterator[tuple[int, int, int]]:
        """Cuts rows of pixels where it changes what they need."""
        left, _, right, _ = self.box
        _, first, _, last = self._cells((left, top, right, bottom))
        needs = np.bitwise_or.reduce(self.needs[int(first) : ceil(last)], axis=0)
        # Different needs one above the other are computed, next to each other in one go.
        needs[needs & (needs - 1) != 0] = _Cell.COMPUTED
        scale = (right - left) / len(needs)
        changes = np.flatnonzero(needs[1:] != needs[:-1]) + 1
        edges = [left, *(left + round(float(change) * scale) for change in changes), right]
        for (begin, end), need in zip(
            itertools.pairwise(edges), needs[[0, *changes]].tolist(), strict=True
        ):
            for start in range(begin, end, _WIDEST_PX):
                yield start, min(start + _WIDEST_PX, end), need

    def _cells(self, area: _Box) -> tuple[float, float, float, float]:
        """Tells where pixels of the picture lie among the cells."""
        height, width = self.needs.shape
        left, top, right, bottom = self.box
        across, down = width / (right - left), height / (bottom - top)
        return (
            max(0.0, (area[0] - left) * across),
            max(0.0, (area[1] - top) * down),
            min(float(width), (area[2] - left) * across),
            min(float(height), (area[3] - top) * down),
        )

    def _compute(
        self, alpha_u8: NDArray[np.uint8], pixels_u8: NDArray[np.uint8], area: _Box
    ) -> None:
        """Writes alpha over an area of pixels.

        It looks beyond the area at the cells around it, so areas join without seams.
        """
        if min(len(self.columns) - self.needs.shape[1], len(self.rows) - self.needs.shape[0]) < 0:
            height, width = alpha_u8.shape
            paint(self._reduced(area), on(width), on(height), pixels_u8, alpha_u8)
            return
        left, top, right, bottom = area
        columns = self.columns.part(left - self.box[0], right - self.box[0])
        rows = self.rows.part(top - self.box[1], bottom - self.box[1])
        paint(self.planes_f32, columns, rows, pixels_u8, alpha_u8)

    def _reduced(self, area: _Box) -> NDArray[np.float32]:
        """Gives all planes over an area of a picture so tiny that several cells make a pixel."""
        size, box = (area[2] - area[0], area[3] - area[1]), self._cells(area)
        planes = (Image.fromarray(plane_f32) for plane_f32 in self.planes_f32)
        reduced = (each.resize(size, Image.Resampling.BILINEAR, box=box) for each in planes)
        return np.stack([np.asarray(each) for each in reduced])


def enlargement(
    alpha_f32: NDArray[np.float32], guide_u8: NDArray[np.uint8], box: _Box
) -> Enlargement:
    """Prepares an answer.

    Args:
        alpha_f32: the network's matte, [h, w] in 0..1.
        guide_u8: what the picture shows there, [h, w, 3].
        box: where that lies in the picture, in pixels: left, top, right, bottom.
    """
    cells_f32 = _stretched(alpha_f32, _LEVELS_OF_NETWORK).clip(0, 1)
    guide_f32 = guide_u8.transpose(2, 0, 1) * np.float32(1 / 255)
    model_f32 = colour_model(guide_f32, cells_f32)
    model_f32[3] = _stretched(model_f32[3], _LEVELS_OF_MATTE) * 255
    # Colours come in 0..255 where the model knows them in 0..1.
    model_f32[:3] /= np.float32(_LEVELS_OF_MATTE[1] - _LEVELS_OF_MATTE[0])
    lowest_f32, highest_f32 = (
        extremes(cells_f32, _LATITUDE_CELLS, each) for each in (np.minimum, np.maximum)
    )
    return Enlargement(
        planes_f32=np.stack([*model_f32, *map(_as_bound, (lowest_f32, highest_f32))]),
        needs=_needs(lowest_f32, highest_f32, box),
        box=box,
        columns=between(box[2] - box[0], cells_f32.shape[1]),
        rows=between(box[3] - box[1], cells_f32.shape[0]),
    )


def _stretched(
    values_f32: NDArray[np.float32] | np.float32, levels: tuple[float, float]
) -> NDArray[np.float32]:
    """Moves the two levels to 0 and 1, and all else with them."""
    low, high = levels
    return np.asarray((values_f32 - np.float32(low)) / np.float32(high - low))


def _as_bound(cells_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    return _stretched(cells_f32, _LEVELS_OF_MATTE) * 255


def _needs(
    lowest_f32: NDArray[np.float32], highest_f32: NDArray[np.float32], box: _Box
) -> NDArray[np.uint8]:
    """Tells which cells can be filled in: all that pixels in them are made of is of one end."""
    height, width = lowest_f32.shape
    # Pixels lie between cells, and one that is larger than a cell is a mean over several.
    across, down = 1 + ceil(width / (box[2] - box[0])), 1 + ceil(height / (box[3] - box[1]))
    needs = np.full((height, width), _Cell.COMPUTED, np.uint8)
    for ends, need in ((highest_f32 <= 0, _Cell.EMPTY), (lowest_f32 >= 1, _Cell.FULL)):
        needs[all_around(ends, down, across)] = need
    return needs
