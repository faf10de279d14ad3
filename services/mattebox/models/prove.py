"""Proves that a wrapped graph computes what the published one does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mattebox.models import onnx_runs, reference
from mattebox.models.card import Card
from mattebox.models.errors import ProofError
from mattebox.models.onnx_runs import Session
from mattebox.models.published import Published
from mattebox.models.reference import Reference
from segmenter.inference import known_answer

TOLERANCE = 1e-4
"""How far two answers may lie apart, in 0..1. What rounding alone does is far less."""
TOLERANCE_HALF = 5e-3
"""The same for graphs with half precision, whose numbers near 1 are 0.0005 apart."""


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
    expected = reference.compute(data, card, published, pictures)
    session = onnx_runs.session(wrapped)
    single = np.concatenate([onnx_runs.run(session, "alpha", {"image": each}) for each in pictures])
    reference.demand_matte("wrapped", single, card)
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
    alpha_f32 = onnx_runs.run(onnx_runs.session(wrapped), "alpha", {"image": picture[np.newaxis]})
    return known_answer.fingerprint(alpha_f32[0])


def _pictures(published: Published) -> list[NDArray[np.uint8]]:
    """The known picture, a darker one of it mirrored, and black; uint8 [1, H, W, 3].

    Their maxima differ, so that one taken over the whole batch is found out.
    """
    picture = known_answer.picture(published.height_px, published.width_px)
    pictures = [picture, picture[:, ::-1] // 3, np.zeros_like(picture)]
    return [np.ascontiguousarray(each[np.newaxis]) for each in pictures]


def _try_batch(
    session: Session,
    pictures: Sequence[NDArray[np.uint8]],
    single: NDArray[np.float32],
    expected: Reference,
) -> tuple[float | None, str]:
    """The difference of a batch to its pictures one by one, or what keeps it from being run."""
    try:
        batch = onnx_runs.run(session, "alpha", {"image": np.concatenate(pictures)})
    except ProofError as error:
        return None, str(error)
    if batch.shape != single.shape:
        return None, f"{len(single)} pictures are answered with the shape {list(batch.shape)}"
    return _difference(batch, single, expected), ""


def _difference(
    a_f32: NDArray[np.float32], b_f32: NDArray[np.float32], expected: Reference
) -> float:
    """The largest, as it was before mattes were stretched: that magnifies what rounding does."""
    return float((np.abs(a_f32 - b_f32) * expected.ranges_f32[: len(a_f32)]).max())
