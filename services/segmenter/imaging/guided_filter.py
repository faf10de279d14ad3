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
    factors = _solved(mean.variance(), mean.shared())
    constant = mean.matte - (factors * mean.guide).sum(axis=0)
    return box_mean(np.concatenate([factors, constant[None]]), radius)


def _solved(variance: NDArray[np.float32], shared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Solves ``variance @ factors = shared`` in every cell, [3, H, W], by Cholesky's L D L^T.

    Cofactors would be no shorter, and lose the determinant to rounding where all colours of a
    window lie on a line, as in every grey picture.
    """
    rr, rg, rb, gg, gb, bb = variance
    red, green, blue = shared
    green_by_red, blue_by_red = rg / rr, rb / rr
    gg_left, gb_left = gg - green_by_red * rg, gb - green_by_red * rb
    blue_by_green = gb_left / gg_left
    bb_left = bb - blue_by_red * rb - blue_by_green * gb_left
    green_left = green - green_by_red * red
    blue_left = blue - blue_by_red * red - blue_by_green * green_left
    of_blue = blue_left / bb_left
    of_green = green_left / gg_left - blue_by_green * of_blue
    of_red = red / rr - green_by_red * of_green - blue_by_red * of_blue
    return np.stack([of_red, of_green, of_blue])


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
