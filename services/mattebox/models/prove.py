"""Proves that a wrapped graph computes what the published one does. Runs both on ONNX Runtime."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from mattebox.models.card import Card
from mattebox.models.errors import ProofError
from mattebox.models.published import Published
from mattebox.models.wrap import SMALLEST_RANGE
from segmenter.inference import known_answer

# Its wheels report to their maker unless told otherwise, and this is read while it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

TOLERANCE = 1e-4
"""How far two answers may lie apart, in 0..1. What rounding alone does is far less."""
TOLERANCE_HALF = 5e-3
"""The same for graphs with half precision, whose numbers near 1 are 0.0005 apart."""

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
    """What was found; differences are in 0..1."""

    from_published: float
    """The largest between the wrapped and the published graph, picture by picture."""
    from_single: float | None
    """The largest between a batch and its pictures one by one; None where no batch was run."""
    max_batch_size: int
    """Most pictures of a run that compute rightly: the card's, or 1."""
    batch_problem: str
    """Why it is 1 where the card says more; empty otherwise."""
    known_answer: tuple[float, ...]
    """The fingerprint of the known picture's matte."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """Mattes of the published graph, and how much each was stretched to become one."""

    mattes_f32: NDArray[np.float32]
    """[N, H, W]"""
    ranges_f32: NDArray[np.float32]
    """[N, 1, 1]; 1 where nothing was stretched."""


def prove(data: bytes, wrapped: bytes, card: Card, published: Published) -> Proof:
    """Compares a wrapped graph with the published one, picture by picture and in a batch.

    A graph that fails on a batch, or answers otherwise than to its pictures one by one, is taken
    for one that runs one picture at a time.

    Raises:
        ProofError: one of the graphs cannot be run on a single picture, or an answer lies outside
            0..1, or the two lie further apart than `TOLERANCE`.
    """
    pictures = _pictures(published)
    tolerance = TOLERANCE_HALF if published.is_half else TOLERANCE
    expected = _run_published(data, card, published, pictures)
    session = _session(wrapped)
    single = np.concatenate([_run(session, "alpha", {"image": each}) for each in pictures])
    _demand_matte(single, card)
    from_published = _difference(single, expected.mattes_f32, expected)
    if not from_published <= tolerance:
        raise ProofError(
            f"The wrapped graph and the published graph differ by {from_published:.2g}, at most "
            f"{tolerance} is right. This graph cannot be served."
        )
    from_single, problem = None, ""
    if card.serving.max_batch_size > 1:
        count = min(len(pictures), card.serving.max_batch_size)
        from_single, problem = _try_batch(session, pictures[:count], single[:count], expected)
        if from_single is not None and not from_single <= tolerance:
            problem = f"in a batch its answers differ by {from_single:.2g}"
    return Proof(
        from_published=from_published,
        from_single=None if problem else from_single,
        max_batch_size=1 if problem else card.serving.max_batch_size,
        batch_problem=problem,
        known_answer=known_answer.fingerprint(single[0]),
    )


def fingerprint_of(wrapped: bytes, height_px: int, width_px: int) -> tuple[float, ...]:
    """Runs a wrapped graph on the known picture; gives the fingerprint of its matte.

    Raises:
        ProofError: the graph cannot be run.
    """
    picture = known_answer.picture(height_px, width_px)
    alpha_f32 = _run(_session(wrapped), "alpha", {"image": picture[np.newaxis]})
    return known_answer.fingerprint(alpha_f32[0])


def _pictures(published: Published) -> list[NDArray[np.uint8]]:
    """The known picture, a darker one of it mirrored, and black; uint8 [1, H, W, 3].

    Their maxima differ, so that one taken over the whole batch is found out.
    """
    picture = known_answer.picture(published.height_px, published.width_px)
    pictures = [picture, picture[:, ::-1] // 3, np.zeros_like(picture)]
    return [np.ascontiguousarray(each[np.newaxis]) for each in pictures]


def _run_published(
    data: bytes, card: Card, published: Published, pictures: Sequence[NDArray[np.uint8]]
) -> _Expected:
    """Runs the published graph, with all around it done by NumPy."""
    session = _session(data)
    shape = (1, published.height_px, published.width_px)
    dtype = helper.tensor_dtype_to_np_dtype(published.input_type)
    answers = []
    for picture in pictures:
        feed = {published.input: _preprocessed(picture, card).astype(dtype)}
        raw = _run(session, published.output, feed)
        if raw.size != shape[1] * shape[2]:
            raise ProofError(
                f"The published output has the shape {list(raw.shape)}, which is no single map of "
                f"{shape[1]} x {shape[2]}. The card of {card.name} is wrong."
            )
        answers.append(raw.reshape(shape).astype(np.float32))
    raw = np.concatenate(answers)
    _demand_logits(raw, card)
    return _stretched(_activated(raw, card), card)


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


def _stretched(mattes_f32: NDArray[np.float32], card: Card) -> _Expected:
    if card.postprocessing.normalisation == "none":
        return _Expected(mattes_f32, np.ones((len(mattes_f32), 1, 1), np.float32))
    smallest = mattes_f32.min(axis=(1, 2), keepdims=True)
    ranges = (mattes_f32.max(axis=(1, 2), keepdims=True) - smallest).clip(SMALLEST_RANGE)
    return _Expected((mattes_f32 - smallest) / ranges, ranges)


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


def _try_batch(
    session: onnxruntime.InferenceSession,
    pictures: Sequence[NDArray[np.uint8]],
    single: NDArray[np.float32],
    expected: _Expected,
) -> tuple[float | None, str]:
    """The difference of a batch to its pictures one by one, or what keeps it from being run."""
    try:
        batch = _run(session, "alpha", {"image": np.concatenate(pictures)})
    except ProofError as error:
        return None, str(error)
    if batch.shape != single.shape:
        return None, f"{len(single)} pictures are answered with the shape {list(batch.shape)}"
    return _difference(batch, single, expected), ""


def _difference(
    a_f32: NDArray[np.float32], b_f32: NDArray[np.float32], expected: _Expected
) -> float:
    """The largest, as it was before mattes were stretched: that magnifies what rounding does."""
    return float((np.abs(a_f32 - b_f32) * expected.ranges_f32[: len(a_f32)]).max())


def _demand_logits(raw: NDArray[np.float32], card: Card) -> None:
    if card.postprocessing.activation == "sigmoid" and raw.min() >= 0 and raw.max() <= 1:
        raise ProofError(
            f"The published graph answers with values from {raw.min():.3g} to {raw.max():.3g}, "
            f"which a sigmoid has been applied to already; the card of {card.name} would apply "
            "another. Write a card of your own with the activation 'none' and name it with --card."
        )


def _demand_matte(alpha_f32: NDArray[np.float32], card: Card) -> None:
    if not (np.isfinite(alpha_f32).all() and alpha_f32.min() >= 0 and alpha_f32.max() <= 1):
        raise ProofError(
            f"The wrapped graph answers with values from {alpha_f32.min():.3g} to "
            f"{alpha_f32.max():.3g}, expected 0 to 1. The activation in the card of {card.name} "
            "is wrong."
        )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
