"""Fits a matte as a linear function of colour, in windows of nine by nine cells."""

from ctypes import c_float

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address, of_shape
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

RADIUS_CELLS = 4
"""Windows are twice as wide, and one cell more."""

_MOMENTS = 13

_colour_model = kernel("colour_model", POINTER, POINTER, SIZE, SIZE, c_float, POINTER, POINTER)


def fitted(
    guide_f32: NDArray[np.float32], matte_f32: NDArray[np.float32], epsilon: float
) -> NDArray[np.float32]:
    """Fits the matte around every cell, and takes the mean of the functions around it.

    Sources: K. He, J. Sun, X. Tang, Guided Image Filtering, TPAMI 2013, with a colour guide.

    Args:
        guide_f32: colours in 0..1, float32 [3, H, W].
        matte_f32: float32 [H, W] in 0..1.
        epsilon: how much variance of colour counts as none.

    Returns:
        Three factors and a constant, float32 [4, H, W].

    Raises:
        ValueError: the arrays do not fit each other.
    """
    height, width = matte_f32.shape
    of_shape(guide_f32, (3, height, width), "guide_f32")
    guide_f32, matte_f32 = np.ascontiguousarray(guide_f32), np.ascontiguousarray(matte_f32)
    model_f32 = np.empty((4, height, width), np.float32)
    around = 2 * RADIUS_CELLS
    room_f32 = np.empty((_MOMENTS * height + height + around + 1) * width + around, np.float32)
    _colour_model(
        address(guide_f32, np.float32),
        address(matte_f32, np.float32),
        height,
        width,
        epsilon,
        address(model_f32, np.float32, written=True),
        address(room_f32, np.float32),
    )
    return model_f32
