"""The guided filter: explains a matte by the colours of its picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EPSILON = np.float32(1e-4)
"""How much variance of colour counts as none, with colours in 0..1."""

_ROWS_AT_A_TIME = 128


def colour_model(
    guide_f32: NDArray[np.float32], matte_f32: NDArray[np.float32], radius: int
) -> NDArray[np.float32]:
    """Fits, around every cell, the matte as a linear function of colour.

    Source: K. He, J. Sun, X. Tang, Guided Image Filtering, TPAMI 2013, with a colour guide. A
    function fitted on a small picture may be applied to a large one: K. He, J. Sun, Fast Guided
    Filter, 2015. Beyond the edges the outermost cells go on.

    Args:
        guide_f32: colours in 0..1, float32 [3, H, W].
        matte_f32: float32 [H, W] in 0..1.
        radius: windows are ``2 * radius + 1`` cells wide.

    Returns:
        Three factors and a constant, float32 [4, H, W]: the matte is about the sum of each colour
        times its factor, and the constant. Where the matte is one value within twice the radius,
        the factors are 0 and the constant is that value, but for rounding.
    """
    height, reach = len(matte_f32), 2 * radius
    model_f32 = np.empty((4, *matte_f32.shape), np.float32)
    # Some rows at a time, which stay in the processor's cache; all of a large network's answer at
    # once would take a hundred megabytes and more.
    for top in range(0, height, _ROWS_AT_A_TIME):
        bottom = min(top + _ROWS_AT_A_TIME, height)
        first, last = max(0, top - reach), min(bottom + reach, height)
        rows_f32 = _fitted(guide_f32[:, first:last], matte_f32[first:last], radius)
        model_f32[:, top:bottom] = rows_f32[:, top - first : bottom - first]
    return model_f32


def _fitted(
    guide_f32: NDArray[np.float32], matte_f32: NDArray[np.float32], radius: int
) -> NDArray[np.float32]:
    mean = _Moments.of(guide_f32, matte_f32, radius)
    variance, shared = mean.variance(), mean.shared()
    # The inverse of a symmetric 3 x 3 matrix, by its cofactors.
    rr, rg, rb, gg, gb, bb = variance
    first_row = np.stack([gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb])
    second_row = np.stack([first_row[1], rr * bb - rb * rb, rb * rg - rr * gb])
    third_row = np.stack([first_row[2], second_row[2], rr * gg - rg * rg])
    determinant = rr * first_row[0] + rg * first_row[1] + rb * first_row[2]
    rows = (first_row, second_row, third_row)
    factors = np.stack([(row * shared).sum(axis=0) for row in rows]) / determinant
    constant = mean.matte - (factors * mean.guide).sum(axis=0)
    return box_mean(np.concatenate([factors, constant[None]]), radius)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Means over windows, of colours, the matte and their products."""

    guide: NDArray[np.float32]
    matte: NDArray[np.float32]
    squares: NDArray[np.float32]
    products: NDArray[np.float32]

    @classmethod
    def of(
        cls, guide_f32: NDArray[np.float32], matte_f32: NDArray[np.float32], radius: int
    ) -> "_Moments":
        red, green, blue = guide_f32
        squares = [red * red, red * green, red * blue, green * green, green * blue, blue * blue]
        planes = np.stack([*guide_f32, matte_f32, *squares, *(guide_f32 * matte_f32)])
        means = box_mean(planes, radius)
        return cls(means[:3], means[3], means[4:10], means[10:])

    def variance(self) -> NDArray[np.float32]:
        """The upper triangle of the colours' covariance, row by row, [6, H, W]."""
        red, green, blue = self.guide
        variance = self.squares.copy()
        variance -= [red * red, red * green, red * blue, green * green, green * blue, blue * blue]
        variance[[0, 3, 5]] += _EPSILON
        return variance

    def shared(self) -> NDArray[np.float32]:
        """The covariance of the matte with each colour, [3, H, W]."""
        shared: NDArray[np.float32] = self.products - self.guide * self.matte
        return shared


def box_mean(planes_f32: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Takes means over windows of ``2 * radius + 1`` cells, float32 [..., H, W]."""
    edges = [(0, 0)] * (planes_f32.ndim - 2) + [(radius, radius)] * 2
    sums_f32 = np.pad(planes_f32, edges, mode="edge")
    sums_f32 = _window_sums(sums_f32.swapaxes(-1, -2), radius).swapaxes(-1, -2)
    sums_f32 = _window_sums(sums_f32, radius)
    sums_f32 *= np.float32((2 * radius + 1) ** -2)
    return sums_f32


def _window_sums(cells_f32: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Sums windows along the last axis, out of sums of 1, 2, 4... cells: no rounding adds up."""
    width = 2 * radius + 1
    length = cells_f32.shape[-1] - width + 1
    total_f32 = np.zeros_like(cells_f32[..., :length])
    done, power = 0, 1
    while True:
        if width & power:
            total_f32 += cells_f32[..., done : done + length]
            done += power
        if done == width:
            return total_f32
        cells_f32 = cells_f32[..., power:] + cells_f32[..., :-power]
        power *= 2
