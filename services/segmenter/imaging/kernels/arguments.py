"""How arrays are handed to kernels, which check nothing themselves."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def address(array: NDArray[Any], dtype: DTypeLike, *, written: bool = False) -> int:
    """Tells where an array begins, whose rows may lie apart, but not what is in them.

    Raises:
        ValueError: it is of another type, its rows have gaps, or it cannot be written to.
    """
    if array.dtype != dtype:
        raise ValueError(f"the kernel takes {np.dtype(dtype)}, not {array.dtype}")
    if array.shape[-1] > 1 and array.strides[-1] != array.itemsize:
        raise ValueError("the kernel takes rows without gaps")
    if written and not array.flags.writeable:
        raise ValueError("the kernel writes to this array, which cannot be written to")
    begin: int = array.__array_interface__["data"][0]
    return begin


def at_rows(array: NDArray[np.uint8], *, written: bool = False) -> tuple[int, int]:
    """Tells where the rows of an array are, uint8 [H, W] or [H, W, 4], and how far apart they are.

    Raises:
        ValueError: as `address` does; nor may there be gaps between the pixels of a row.
    """
    if not _has_whole_rows(array):
        raise ValueError("the kernel takes rows without gaps")
    return address(array, np.uint8, written=written), array.strides[0]


def at_pixels(
    array: NDArray[np.uint8], size: tuple[int, int], *, written: bool = False
) -> tuple[int, int]:
    """Tells the same of the pixels of a picture, whose height and width are given.

    Raises:
        ValueError: as `at_rows` does, or they are not uint8 [H, W, 4].
    """
    of_shape(array, (*size, 4), "pixels_u8")
    return at_rows(array, written=written)


def with_whole_rows(array: NDArray[Any]) -> NDArray[Any]:
    """Gives an array whose rows have no gaps: the same, or else a copy."""
    return array if _has_whole_rows(array) else np.ascontiguousarray(array)


def of_shape(array: NDArray[Any], shape: tuple[int, ...], name: str) -> None:
    """Raises ValueError if an array is not of this shape."""
    if array.shape != shape:
        raise ValueError(f"{name} is {list(array.shape)}, not {list(shape)}")


def _has_whole_rows(array: NDArray[Any]) -> bool:
    return array[:1].flags.c_contiguous
