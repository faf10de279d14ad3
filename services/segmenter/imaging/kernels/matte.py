"""Enlarges a matte that is known as a function of the picture's colours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address, at_pixels, at_rows, of_shape
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

PLANES = 6
"""Factors of red, green and blue, a constant, and the least and the most alpha."""

_matte_rows = kernel(
    "matte_rows",
    *(POINTER, SIZE, SIZE),
    *(POINTER, POINTER, POINTER, SIZE),
    *(POINTER, POINTER, POINTER, SIZE),
    *(POINTER, SIZE, POINTER, SIZE, POINTER),
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where pixels lie between cells along one axis: one place for each pixel."""

    before_i32: NDArray[np.int32]
    """The number of the cell before it."""

    after_i32: NDArray[np.int32]
    """The number of the cell after it."""

    share_f32: NDArray[np.float32]
    """How far it is from the one to the other, 0 to 1."""

    def __len__(self) -> int:
        return len(self.share_f32)

    def part(self, begin: int, end: int) -> "Places":
        """Gives those of the pixels from `begin` up to `end`."""
        part = slice(begin, end)
        return Places(self.before_i32[part], self.after_i32[part], self.share_f32[part])


def between(count: int, length: int) -> Places:
    """Gives the places of `count` pixels that lie over `length` cells.

    Beyond the centres of the outermost cells, these go on.
    """
    places = ((np.arange(count) + 0.5) * (length / count) - 0.5).clip(0, length - 1)
    before_i32 = places.astype(np.int32)
    after_i32 = np.minimum(before_i32 + 1, length - 1, dtype=np.int32)
    return Places(before_i32, after_i32, (places - before_i32).astype(np.float32))


def on(count: int) -> Places:
    """Gives the places of pixels that are cells."""
    same_i32 = np.arange(count, dtype=np.int32)
    return Places(same_i32, same_i32, np.zeros(count, np.float32))


def paint(
    planes_f32: NDArray[np.float32],
    columns: Places,
    rows: Places,
    pixels_u8: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
) -> None:
    """Interpolates the planes at each pixel, bilinear, and writes the alpha that they make of it.

    Args:
        planes_f32: of each cell, float32 [6, h, w]: what red, green and blue in 0..255 are to be
            multiplied by, what is to be added, and the least and the most that may come of it,
            for alpha in 0..255.
        columns: of the W pixels of a row.
        rows: of the H rows.
        pixels_u8: the colours, uint8 [H, W, 4], of which the fourth byte means nothing.
        alpha_u8: where to write, uint8 [H, W].

    Raises:
        ValueError: the arrays do not fit each other.
    """
    height, width = alpha_u8.shape
    of_shape(planes_f32, (PLANES, *planes_f32.shape[1:]), "planes_f32")
    for places, count, length in (
        (rows, height, planes_f32.shape[1]),
        (columns, width, planes_f32.shape[2]),
    ):
        _check(places, count, length)
    room_f32 = np.empty(2 * PLANES * width, np.float32)
    _matte_rows(
        address(planes_f32, np.float32),
        planes_f32.strides[0] // planes_f32.itemsize,
        planes_f32.strides[1] // planes_f32.itemsize,
        *_addresses(columns),
        width,
        *_addresses(rows),
        height,
        *at_pixels(pixels_u8, (height, width)),
        *at_rows(alpha_u8, written=True),
        address(room_f32, np.float32),
    )


def _check(places: Places, count: int, length: int) -> None:
    if len(places) != count:
        raise ValueError(f"there are {len(places)} places for {count} pixels")
    if places.before_i32.min() < 0 or places.after_i32.max() >= length:
        raise ValueError("there are places where no cell is")


def _addresses(places: Places) -> tuple[int, int, int]:
    return (
        address(places.before_i32, np.int32),
        address(places.after_i32, np.int32),
        address(places.share_f32, np.float32),
    )
