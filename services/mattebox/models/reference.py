"""Computes what a published graph answers, with all around it done by NumPy.

It shares nothing with what `wrap` puts into the graph, so that each tells the other's mistakes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from mattebox.models import onnx_runs
from mattebox.models.card import Card
from mattebox.models.errors import ProofError
from mattebox.models.published import Published
from mattebox.models.wrap import SMALLEST_RANGE

_ROUNDING = 1e-6
"""How far beyond 0 and 1 a sigmoid may come: ONNX Runtime approximates it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Mattes of the published graph, and how much each was stretched to become one."""

    mattes_f32: NDArray[np.float32]
    """[N, H, W]"""
    ranges_f32: NDArray[np.float32]
    """[N, 1, 1]; 1 where nothing was stretched."""


def compute(
    data: bytes, card: Card, published: Published, pictures: Sequence[NDArray[np.uint8]]
) -> Reference:
    """Runs the published graph on pictures, each uint8 [1, H, W, 3], one by one.

    Raises:
        ProofError: it cannot be run, gives more than one map, or what the card would apply a
            sigmoid to has been through one, or its mattes are none.
    """
    session = onnx_runs.session(data)
    shape = (1, published.height_px, published.width_px)
    dtype = helper.tensor_dtype_to_np_dtype(published.input_type)
    answers = []
    for picture in pictures:
        feed = {published.input: _preprocessed(picture, card).astype(dtype)}
        raw = onnx_runs.run(session, published.output, feed)
        _demand_map(raw, shape)
        answers.append(raw.reshape(shape).astype(np.float32))
    raw = np.concatenate(answers)
    _demand_logits(raw, card)
    mattes_f32 = _activated(raw, card)
    demand_matte("published", mattes_f32, card)
    return _stretched(mattes_f32, card)


def demand_matte(which: str, alpha_f32: NDArray[np.float32], card: Card) -> None:
    """Refuses answers that are no mattes in 0..1, also those that a stretch would make look so.

    Raises:
        ProofError: there is another value, or one that is no number.
    """
    if not np.isfinite(alpha_f32).all():
        raise ProofError(
            f"The {which} graph answers with values that are no numbers. Where the means and "
            f"deviations in the card of {card.name} are right, this file cannot be served."
        )
    if alpha_f32.min() < -_ROUNDING or alpha_f32.max() > 1 + _ROUNDING:
        raise ProofError(
            f"The {which} graph answers with values from {alpha_f32.min():.3g} to "
            f"{alpha_f32.max():.3g}, expected 0 to 1. The activation in the card of {card.name} "
            "is wrong: logits need 'sigmoid', a matte that may leave 0 to 1 needs 'clip'."
        )


def _demand_map(raw: NDArray[np.generic], shape: tuple[int, int, int]) -> None:
    # As many values in another order, a map on its side, would be taken for a matte.
    if [side for side in raw.shape if side != 1] != list(shape[1:]):
        raise ProofError(
            f"The published output has the shape {list(raw.shape)}, which is no single map of "
            f"{shape[1]} x {shape[2]}. Name the output that is the matte in the [graph] of a card; "
            "a network whose matte has another size than its input cannot be installed."
        )


def _preprocessed(picture: NDArray[np.uint8], card: Card) -> NDArray[np.float32]:
    preprocessing = card.preprocessing
    divisor = 255 if preprocessing.scale == "255" else max(int(picture.max()), 1)
    normal = (picture / divisor - preprocessing.mean) / preprocessing.deviation
    if card.graph.channels == "BGR":
        normal = normal[..., ::-1]
    if card.graph.layout == "NCHW":
        normal = normal.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(normal, dtype=np.float32)


def _activated(raw: NDArray[np.float32], card: Card) -> NDArray[np.float32]:
    match card.postprocessing.activation:
        case "none":
            return raw
        case "sigmoid":
            # Written with tanh, the exponential cannot overflow.
            alpha_f32: NDArray[np.float32] = 0.5 + 0.5 * np.tanh(0.5 * raw)
            return alpha_f32
        case "clip":
            return raw.clip(0, 1)


def _stretched(mattes_f32: NDArray[np.float32], card: Card) -> Reference:
    if card.postprocessing.normalisation == "none":
        return Reference(mattes_f32, np.ones((len(mattes_f32), 1, 1), np.float32))
    smallest = mattes_f32.min(axis=(1, 2), keepdims=True)
    ranges = (mattes_f32.max(axis=(1, 2), keepdims=True) - smallest).clip(SMALLEST_RANGE)
    return Reference((mattes_f32 - smallest) / ranges, ranges)


def _demand_logits(raw: NDArray[np.float32], card: Card) -> None:
    if card.postprocessing.activation == "sigmoid" and raw.min() >= 0 and raw.max() <= 1:
        raise ProofError(
            f"The published graph answers with values from {raw.min():.3g} to {raw.max():.3g}, "
            f"which a sigmoid has been applied to already; the card of {card.name} would apply "
            "another. Write a card of your own with the activation 'none' and name it with --card."
        )
