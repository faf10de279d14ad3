"""The pixels of an image of Pillow's where they lie, without a copy.

They are found by Arrow's interface, which Pillow offers and whose layout is fixed
(https://arrow.apache.org/docs/format/CDataInterface.html).
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CHANNELS = 4


class _ArrowArray(ctypes.Structure):
    """Arrow's description of some memory."""


_ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype = ctypes.c_void_p
_pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]


class _Memory:
    """Lets NumPy look at an image's memory, and keeps it for as long as NumPy does."""

    def __init__(self, image: Image.Image) -> None:
        image.load()
        _, self._capsule = image.__arrow_c_array__()
        array = _ArrowArray.from_address(_pointer_of(self._capsule, b"arrow_array"))
        values = array.children[0].contents
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "shape": (image.height, image.width, _CHANNELS),
            "typestr": "|u1",
            "data": (values.buffers[1], False),
        }


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """Gives the pixels of an image of mode RGB or RGBA, uint8 [H, W, 4].

    They are the image's own: what is written to them is written to the image. The fourth byte of
    RGB means nothing.

    Raises:
        ValueError: the image has another mode, or lies in several pieces of memory, as Pillow
            keeps those of more than 16 MB.
    """
    if image.mode not in {"RGB", "RGBA"}:
        raise ValueError(f"an image of mode {image.mode} does not have four bytes a pixel")
    return np.asarray(_Memory(image))
