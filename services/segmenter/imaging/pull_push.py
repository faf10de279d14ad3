"""Spreads colours from where they are known to everywhere, at a cost linear in the cells."""

import numpy as np
from numpy.typing import NDArray

_SPREAD_WEIGHT = np.float32(0.05 * 255)
"""What the wider surroundings count beside a cell of full weight, which counts 255."""


def pulled_and_pushed(cells_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fills in colours from ever wider surroundings, the less the more is known on the spot.

    Source: S. Gortler et al., The Lumigraph, SIGGRAPH 1996, where weights are added and saturate;
    here they are averaged.

    Args:
        cells_f32: weighted colours and their weights in 0..255, float32 [H, W, 4].

    Returns:
        Colours in 0..255, float32 [H, W, 3]; black where all weights are zero.
    """
    # By planes: over three numbers of a cell at a time NumPy would take five times as long.
    levels = [np.ascontiguousarray(cells_f32.transpose(2, 0, 1))]
    while max(levels[-1].shape[1:]) > 1:
        levels.append(_halved(levels[-1]))
    top_f32 = levels.pop()
    colour_f32: NDArray[np.float32] = top_f32[:3] * 255 / np.maximum(top_f32[3], np.float32(1e-6))
    for level_f32 in reversed(levels):
        height, width = level_f32.shape[1:]
        colour_f32 = _doubled_rows(colour_f32, height)
        colour_f32 = _doubled_rows(colour_f32.swapaxes(1, 2), width).swapaxes(1, 2)
        colour_f32 *= _SPREAD_WEIGHT
        colour_f32 += level_f32[:3] * 255
        colour_f32 /= level_f32[3] + _SPREAD_WEIGHT
    return colour_f32.clip(0, 255).transpose(1, 2, 0)


def _halved(planes_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Takes the mean of each two by two cells; beyond the edges there is nothing."""
    height, width = planes_f32.shape[1:]
    even_f32 = np.pad(planes_f32, ((0, 0), (0, height % 2), (0, width % 2)))
    rows_f32 = even_f32[:, ::2] + even_f32[:, 1::2]
    halved_f32: NDArray[np.float32] = (rows_f32[..., ::2] + rows_f32[..., 1::2]) / 4
    return halved_f32


def _doubled_rows(planes_f32: NDArray[np.float32], height: int) -> NDArray[np.float32]:
    """Enlarges to twice the rows, bilinear, and cuts off what exceeds `height`."""
    count, rows, width = planes_f32.shape
    padded_f32 = np.pad(planes_f32, ((0, 0), (1, 1), (0, 0)), mode="edge")
    near_f32 = planes_f32 * np.float32(0.75)
    doubled_f32 = np.empty((count, 2 * rows, width), np.float32)
    doubled_f32[:, ::2] = near_f32 + padded_f32[:, :-2] * np.float32(0.25)
    doubled_f32[:, 1::2] = near_f32 + padded_f32[:, 2:] * np.float32(0.25)
    return doubled_f32[:, :height]
