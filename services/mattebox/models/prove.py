"""Proves that a wrapped graph computes what the published one does. Runs both on ONNX Runtime."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mattebox.models.card import Card
from mattebox.models.config import Config
from mattebox.models.errors import ProofError
from segmenter.inference import known_answer

# Its wheels report to their maker unless told otherwise, and this is read while it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

TOLERANCE = 1e-4
"""How far two answers may lie apart, in 0..1. What rounding alone does is far less."""

_ERRORS_ONLY = 3
_RUN_FAILURES = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """The largest differences found, in 0..1."""

    from_published: float
    """Between the wrapped and the published graph, picture by picture."""
    from_single: float
    """Between a batch of three and its pictures one by one."""
    from_known_answer: float
    """Between the cells of the known picture's matte and those of the configuration."""


def prove(published: bytes, wrapped: bytes, card: Card, config: Config) -> Proof:
    """Compares a wrapped graph with the published one and with the configured known answer.

    Raises:
        ProofError: one of the graphs cannot be run, or an answer lies outside 0..1, or two lie
            further apart than `TOLERANCE`, or than `known_answer.TOLERANCE` for the known answer.
    """
    pictures = _pictures(card.graph.height_px, card.graph.width_px)
    expected = _run_published(published, card, pictures)
    session = _session(wrapped)
    single = np.concatenate([_run(session, "alpha", {"image": each}) for each in pictures])
    batch = _run(session, "alpha", {"image": np.concatenate(pictures)})
    _demand_matte(single, card)
    from_published = _demand_close("the published graph", single, expected)
    from_single = _demand_close("a batch of three", single, batch)
    return Proof(from_published, from_single, _demand_known_answer(single[0], config))


def prove_known_answer(wrapped: bytes, card: Card, config: Config) -> float:
    """Compares a wrapped graph with the configured known answer; gives the difference, in 0..1.

    Raises:
        ProofError: the graph cannot be run, or lies too far from it.
    """
    picture = known_answer.picture(card.graph.height_px, card.graph.width_px)
    alpha_f32 = _run(_session(wrapped), "alpha", {"image": picture[np.newaxis]})
    _demand_matte(alpha_f32, card)
    return _demand_known_answer(alpha_f32[0], config)


def _pictures(height_px: int, width_px: int) -> list[NDArray[np.uint8]]:
    """The known picture, a darker one of it mirrored, and black; uint8 [1, H, W, 3].

    Their maxima differ, so that one taken over the whole batch is found out.
    """
    picture = known_answer.picture(height_px, width_px)
    pictures = [picture, picture[:, ::-1] // 3, np.zeros_like(picture)]
    return [np.ascontiguousarray(each[np.newaxis]) for each in pictures]


def _run_published(
    published: bytes, card: Card, pictures: Sequence[NDArray[np.uint8]]
) -> NDArray[np.float32]:
    """Mattes of the published graph, float32 [N, H, W], with all around it done by NumPy."""
    session = _session(published)
    shape = (1, card.graph.height_px, card.graph.width_px)
    mattes = []
    for picture in pictures:
        feed = {card.graph.input: _preprocessed(picture, card)}
        raw = _run(session, card.graph.output, feed)
        if raw.size != shape[1] * shape[2]:
            raise ProofError(
                f"The published output has the shape {list(raw.shape)}, which is no single map of "
                f"{shape[1]} x {shape[2]}. The card of {card.name} is wrong."
            )
        mattes.append(_activated(raw.reshape(shape), card))
    return np.concatenate(mattes)


def _preprocessed(picture: NDArray[np.uint8], card: Card) -> NDArray[np.float32]:
    preprocessing = card.preprocessing
    divisor = 255 if preprocessing.scale == "255" else max(int(picture.max()), 1)
    normal = (picture / divisor - preprocessing.mean) / preprocessing.deviation
    return np.ascontiguousarray(normal.transpose(0, 3, 1, 2), dtype=np.float32)


def _activated(raw: NDArray[np.float32], card: Card) -> NDArray[np.float32]:
    match card.postprocessing.activation:
        case "none":
            return raw
        case "sigmoid":
            # Written with tanh, the exponential cannot overflow.
            alpha_f32: NDArray[np.float32] = 0.5 + 0.5 * np.tanh(0.5 * raw)
            return alpha_f32


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except _RUN_FAILURES as error:
        raise ProofError(f"ONNX Runtime cannot load the graph: {_line(error)}") from error


def _run(
    session: onnxruntime.InferenceSession, output: str, feed: Mapping[str, NDArray[np.generic]]
) -> NDArray[np.float32]:
    try:
        alpha_f32: NDArray[np.float32] = session.run([output], feed)[0]
    except _RUN_FAILURES as error:
        count = next(iter(feed.values())).shape[0]
        raise ProofError(
            f"The graph cannot be run on a batch of {count}: {_line(error)}"
        ) from error
    return alpha_f32


def _demand_matte(alpha_f32: NDArray[np.float32], card: Card) -> None:
    if not (np.isfinite(alpha_f32).all() and alpha_f32.min() >= 0 and alpha_f32.max() <= 1):
        raise ProofError(
            f"The wrapped graph answers with values from {alpha_f32.min():.3g} to "
            f"{alpha_f32.max():.3g}, expected 0 to 1. The activation in the card of {card.name} "
            "is wrong."
        )


def _demand_close(
    other: str, alpha_f32: NDArray[np.float32], expected_f32: NDArray[np.float32]
) -> float:
    if alpha_f32.shape != expected_f32.shape:
        raise ProofError(
            f"The wrapped graph and {other} answer with other shapes: {list(alpha_f32.shape)} and "
            f"{list(expected_f32.shape)}. This graph cannot be served."
        )
    difference = float(np.abs(alpha_f32 - expected_f32).max())
    # Written this way round, NaN fails.
    if not difference <= TOLERANCE:
        raise ProofError(
            f"The wrapped graph and {other} differ by {difference:.2g}, at most {TOLERANCE} is "
            "right. This graph cannot be served."
        )
    return difference


def _demand_known_answer(alpha_f32: NDArray[np.float32], config: Config) -> float:
    actual = known_answer.to_text(known_answer.fingerprint(alpha_f32))
    if config.known_answer is None:
        raise ProofError(
            f"{config.path} has no parameter known_answer. For this graph it is: {actual}"
        )
    difference = known_answer.largest_difference(alpha_f32, config.known_answer)
    if not difference <= known_answer.TOLERANCE:
        raise ProofError(
            f"The matte of the known picture differs by {difference:.2g} from the one in "
            f"{config.path}, at most {known_answer.TOLERANCE} is right. "
            f"For this graph it is: {actual}"
        )
    return difference


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
