"""Compares mattes and composites with true ones. Pure; knows no files and no methods."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Alpha = NDArray[np.float32]
"""A matte, float32 [H, W] in 0..1."""

Mask = NDArray[np.bool_]

HIGHEST_PSNR_DB = 100.0
"""What counts as the ratio of pictures that do not differ."""

_HALF = 0.5
_GRADIENT_SIGMA_PX = 1.4
_GRADIENT_REACH_PX = 4
_SUM_UNIT = 1000
_BAND_SHARE = 2 / 320
_NARROWEST_BAND_PX = 2


@dataclass(frozen=True, slots=True)
class AlphaErrors:
    """How far a matte is from the true one; 0 is best, but for `iou`."""

    mae: float
    """Mean absolute error, 0..1."""

    mse: float
    """Mean squared error, 0..1."""

    sad: float
    """Sum of absolute differences, in thousands of pixels."""

    gradient: float
    """Squared difference of gradients, summed, in thousands."""

    iou: float
    """Intersection over union of what is at least one half; 1 is best."""

    band_mae: float
    """Mean absolute error in the edge band."""

    opaque_gap: float
    """How much more or less of the picture is wholly opaque, as a share of the picture."""

    empty_gap: float
    """How much more or less of the picture is wholly empty, as a share of the picture."""

    opaque_gap_relative: float
    """As `opaque_gap`, as a share of what truly is opaque."""

    empty_gap_relative: float
    """As `empty_gap`, as a share of what truly is empty."""


def alpha_errors(found: Alpha, truth: Alpha) -> AlphaErrors:
    """Compares a matte with the true one, of the same size."""
    difference = np.abs(found - truth, dtype=np.float64)
    opaque, empty = _share(truth >= 1), _share(truth <= 0)
    opaque_gap = abs(_share(found >= 1) - opaque)
    empty_gap = abs(_share(found <= 0) - empty)
    return AlphaErrors(
        mae=float(difference.mean()),
        mse=float((difference**2).mean()),
        sad=float(difference.sum()) / _SUM_UNIT,
        gradient=gradient_error(found, truth),
        iou=iou(found, truth),
        band_mae=_mean(difference[edge_band(truth)]),
        opaque_gap=opaque_gap,
        empty_gap=empty_gap,
        opaque_gap_relative=opaque_gap / opaque if opaque else 0.0,
        empty_gap_relative=empty_gap / empty if empty else 0.0,
    )


def iou(found: Alpha, truth: Alpha) -> float:
    """Tells how far the subjects coincide; two that are empty do wholly."""
    ours, right = found >= _HALF, truth >= _HALF
    union = int((ours | right).sum())
    return int((ours & right).sum()) / union if union else 1.0


def gradient_error(found: Alpha, truth: Alpha) -> float:
    """Sums the squared differences of the gradients' magnitudes, in thousands.

    Gradients are those of Gaussian derivatives with a sigma of 1.4 pixels, each of norm one, as in
    C. Rhemann et al., A Perceptually Motivated Online Benchmark for Image Matting, CVPR 2009. That
    benchmark sums over a given unknown region; this one over the whole picture.
    """
    difference = _gradient(found) - _gradient(truth)
    return float((difference**2).sum()) / _SUM_UNIT


def soft(truth: Alpha) -> Mask:
    """Tells which pixels are neither wholly subject nor wholly background."""
    return (truth > 0) & (truth < 1)


def edge_band(truth: Alpha) -> Mask:
    """Tells which pixels lie at the true edge or near it.

    The edge is what is soft, and the two pixels at each step over one half. Near is within two
    pixels of a network that sees 320 a side, 1/160 of the longer side, and no less than 2 pixels.
    """
    subject = truth >= _HALF
    edge = soft(truth)
    across, down = subject[:, 1:] ^ subject[:, :-1], subject[1:] ^ subject[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    return _dilated(edge, band_radius_px(truth.shape))


def band_radius_px(shape: tuple[int, ...]) -> int:
    """Tells how far the edge band reaches beyond the edge itself."""
    return max(_NARROWEST_BAND_PX, math.ceil(max(shape) * _BAND_SHARE))


def composited(
    rgba_u8: NDArray[np.uint8], ground_rgb: NDArray[np.uint8], where: Mask
) -> NDArray[np.float64]:
    """Composites pixels with straight alpha over a ground, float64 [N, 3] in 0..255.

    Nothing is rounded, so the measure adds no error of its own.

    Args:
        rgba_u8: the cut-out, [H, W, 4].
        ground_rgb: one colour, [3], or a picture, [H, W, 3].
        where: the N pixels that count, [H, W].
    """
    pixels = rgba_u8[where].astype(np.float64)
    ground = ground_rgb[where] if ground_rgb.ndim == 3 else ground_rgb
    alpha: NDArray[np.float64] = pixels[:, 3:] / 255
    mixed: NDArray[np.float64] = ground + alpha * (pixels[:, :3] - ground)
    return mixed


def psnr_db(found: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Computes the peak signal-to-noise ratio of values in 0..255; at most 100 dB."""
    mse = _mean((found - truth) ** 2)
    if mse == 0:
        return HIGHEST_PSNR_DB
    return min(HIGHEST_PSNR_DB, 10 * math.log10(255**2 / mse))


def _gradient(alpha: Alpha) -> NDArray[np.float64]:
    offsets = np.arange(-_GRADIENT_REACH_PX, _GRADIENT_REACH_PX + 1)
    smooth = np.exp(-(offsets**2) / (2 * _GRADIENT_SIGMA_PX**2))
    slope = -offsets * smooth
    smooth, slope = smooth / np.linalg.norm(smooth), slope / np.linalg.norm(slope)
    across = _filtered(_filtered(alpha, slope, axis=1), smooth, axis=0)
    down = _filtered(_filtered(alpha, slope, axis=0), smooth, axis=1)
    return np.hypot(across, down)


def _filtered(
    values: NDArray[np.float32] | NDArray[np.float64], kernel: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    """Convolves along one axis; beyond the rim its last pixel goes on."""
    reach = len(kernel) // 2
    padding = [(0, 0), (0, 0)]
    padding[axis] = (reach, reach)
    padded = np.pad(values.astype(np.float64), padding, mode="edge")
    length = values.shape[axis]
    result = np.zeros(values.shape)
    for offset, weight in enumerate(kernel[::-1]):
        window = slice(offset, offset + length)
        result += weight * (padded[window] if axis == 0 else padded[:, window])
    return result


def _dilated(mask: Mask, radius_px: int) -> Mask:
    """Grows a mask by a square."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius_px, radius_px)
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(mask, padding), 2 * radius_px + 1, axis=axis
        )
        mask = windows.any(axis=-1)
    return mask


def _share(mask: Mask) -> float:
    return float(mask.mean())


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else 0.0
