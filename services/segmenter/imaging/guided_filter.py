"""The guided filter: explains a matte by the colours of its picture."""

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.guided import RADIUS_CELLS, fitted

_EPSILON = 1e-4
"""How much variance of colour counts as none, with colours in 0..1."""

_ROWS_AT_A_TIME = 128


def colour_model(
    guide_f32: NDArray[np.float32], matte_f32: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Fits, around every cell, the matte as a linear function of colour.

    Source: K. He, J. Sun, X. Tang, Guided Image Filtering, TPAMI 2013, with a colour guide. A
    function fitted on a small picture may be applied to a large one: K. He, J. Sun, Fast Guided
    Filter, 2015. Beyond the edges the outermost cells go on.

    Args:
        guide_f32: colours in 0..1, float32 [3, H, W].
        matte_f32: float32 [H, W] in 0..1.

    Returns:
        Three factors and a constant, float32 [4, H, W]: the matte is about the sum of each colour
        times its factor, and the constant. Where the matte is one value within eight cells, the
        factors are 0 and the constant is that value, but for rounding.
    """
    height, reach = len(matte_f32), 2 * RADIUS_CELLS
    model_f32 = np.empty((4, *matte_f32.shape), np.float32)
    # Some rows at a time, which stay in the processor's cache; all of a large network's answer at
    # once would take a hundred megabytes and more.
    for top in range(0, height, _ROWS_AT_A_TIME):
        bottom = min(top + _ROWS_AT_A_TIME, height)
        first, last = max(0, top - reach), min(bottom + reach, height)
        rows_f32 = fitted(guide_f32[:, first:last], matte_f32[first:last], _EPSILON)
        model_f32[:, top:bottom] = rows_f32[:, top - first : bottom - first]
    return model_f32
