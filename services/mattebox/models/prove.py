"""Proves that a wrapped graph computes what the published one does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    from_float: float | None = None
    """The largest mean over a matte of what rounding to integers changed; None without any."""
    from_mnn: float | None = None
    """The largest between the graph and its form for MNN; None where there is no such form."""


def prove(data: bytes, wrapped: bytes, card: Card, published: Published) -> Proof:
    """Compares a wrapped graph with the published one, picture by picture and in a batch.

    A graph that fails on a batch, or answers otherwise than to its pictures one by one, is taken
    for one that runs one picture at a time.

    Raises:
        ProofError: one of the graphs cannot be run on a single picture, or an answer lies outside
            0..1, or the two lie further apart than `TOLERANCE`.
    """
    pictures = proof_pictures(published.height_px, published.width_px)
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
    most = card.serving.max_batch_size
    return replace(
        _of_batches(session, pictures, Reference(single, expected.ranges_f32), tolerance, most),
        from_published=from_published,
    )


def prove_quantised(quantised: bytes, wrapped: bytes, card: Card, proof: Proof) -> Proof:
    """Compares a graph in integers with the one in floats that it was made of, proved before.

    Raises:
        ProofError: it cannot be run on a single picture, or an answer lies outside 0..1 or further
            off in the mean than the card allows.
    """
    session, in_float = onnx_runs.session(quantised), onnx_runs.session(wrapped)
    pictures = proof_pictures(*onnx_runs.size(session))
    expected, single = (
        np.concatenate([onnx_runs.run(each, "alpha", {"image": picture}) for picture in pictures])
        for each in (in_float, session)
    )
    reference.demand_matte("quantised", single, card)
    from_float = float(np.abs(single - expected).mean(axis=(1, 2)).max())
    bound = card.quantisation.largest_mean_difference if card.quantisation else 0.0
    if not from_float <= bound:
        raise ProofError(
            f"A matte of the graph in integers differs by {from_float:.2g} in the mean from that "
            f"in floats, at most {bound} is right. The card's ranges are not those of this file, "
            "or this processor rounds sums of 8-bit products; install the model in floats."
        )
    unstretched = Reference(single, np.ones((len(single), 1, 1), np.float32))
    return replace(
        _of_batches(session, pictures, unstretched, TOLERANCE, proof.max_batch_size),
        from_published=proof.from_published,
        batch_problem=proof.batch_problem,
        from_float=from_float,
    )


def fingerprint_of(wrapped: bytes, height_px: int, width_px: int) -> tuple[float, ...]:
    """Runs a wrapped graph on the known picture; gives the fingerprint of its matte.

    Raises:
        ProofError: the graph cannot be run.
    """
    picture = known_answer.picture(height_px, width_px)
    alpha_f32 = onnx_runs.run(onnx_runs.session(wrapped), "alpha", {"image": picture[np.newaxis]})
    return known_answer.fingerprint(alpha_f32[0])


def proof_pictures(height_px: int, width_px: int) -> list[NDArray[np.uint8]]:
    """The known picture, a darker one of it mirrored, and black; uint8 [1, H, W, 3].

    Their maxima differ, so that one taken over the whole batch is found out.
    """
    picture = known_answer.picture(height_px, width_px)
    pictures = [picture, picture[:, ::-1] // 3, np.zeros_like(picture)]
    return [np.ascontiguousarray(each[np.newaxis]) for each in pictures]


def _of_batches(
    session: Session,
    pictures: Sequence[NDArray[np.uint8]],
    single: Reference,
    tolerance: float,
    most: int,
) -> Proof:
    """Runs as many pictures at once as there are; the mattes one by one are known."""
    from_single, problem = None, ""
    if most > 1:
        count = min(len(pictures), most)
        from_single, problem = _try_batch(session, pictures[:count], single)
        if from_single is not None and not from_single <= tolerance:
            problem = f"in a batch its answers differ by {from_single:.2g}"
    return Proof(
        from_published=0.0,
        from_single=None if problem else from_single,
        max_batch_size=1 if problem else most,
        batch_problem=problem,
        known_answer=known_answer.fingerprint(single.mattes_f32[0]),
    )


def _try_batch(
    session: Session, pictures: Sequence[NDArray[np.uint8]], single: Reference
) -> tuple[float | None, str]:
    """The difference of a batch to its pictures one by one, or what keeps it from being run."""
    try:
        batch = onnx_runs.run(session, "alpha", {"image": np.concatenate(pictures)})
    except ProofError as error:
        return None, str(error)
    expected = single.mattes_f32[: len(pictures)]
    if batch.shape != expected.shape:
        return None, f"{len(expected)} pictures are answered with the shape {list(batch.shape)}"
    return _difference(batch, expected, single), ""


def _difference(
    a_f32: NDArray[np.float32], b_f32: NDArray[np.float32], expected: Reference
) -> float:
    """The largest, as it was before mattes were stretched: that magnifies what rounding does."""
    return float((np.abs(a_f32 - b_f32) * expected.ranges_f32[: len(a_f32)]).max())
