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


def without_gaps(array: NDArray[Any]) -> NDArray[Any]:
    """Gives an array whose rows have no gaps: the same, or else a copy."""
    has_gaps = array.shape[-1] > 1 and array.strides[-1] != array.itemsize
    return np.ascontiguousarray(array) if has_gaps else array


def of_shape(array: NDArray[Any], shape: tuple[int, ...], name: str) -> None:
    """Raises ValueError if an array is not of this shape."""
    if array.shape != shape:
        raise ValueError(f"{name} is {list(array.shape)}, not {list(shape)}")
