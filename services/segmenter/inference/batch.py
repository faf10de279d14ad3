"""What becomes of pictures that go to an engine together."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmenter.deadline import Deadline
from segmenter.errors import EngineFailedError, EngineUnavailableError, reason_name
from segmenter.inference.engine import Engine
from telemetry.tracing import NO_SPAN, Name, Span, Value, joint


@dataclass(frozen=True, slots=True)
class Inferred:
    """A matte, float32 [H, W] in 0..1, and what it took."""

    alpha_f32: NDArray[np.float32]
    queue_s: float
    infer_s: float
    batch_size: int


class BatchObserver(Protocol):
    """Is told what happens to batches."""

    def batch_finished(self, model: str, size: int, seconds: float) -> None:
        """A batch of that size was answered, after so long."""

    def batch_failed(self, model: str, error: Exception) -> None:
        """A batch was not answered, or a picture of it with nonsense."""

    def batch_abandoned(self, model: str, size: int) -> None:
        """The callers of a batch of that size all left while the engine worked on it."""

    def entry_abandoned(self, model: str) -> None:
        """A picture's deadline passed, or its caller left, before it reached the engine."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One picture, uint8 [H, W, 3] of the network's size, and who waits for its matte."""

    caller: str
    tensor_u8: NDArray[np.uint8]
    deadline: Deadline
    entered_s: float
    answer: asyncio.Future[Inferred]
    on_begin: Callable[[], None] = lambda: None
    """Is called when the entry leaves the queue for the engine."""
    span: Span = NO_SPAN
    """Lasts as long as somebody waits."""
    cost: int = 1


class BatchRun:
    """Has an engine answer for batches of one network, and settles every entry."""

    def __init__(self, engine: Engine, model: str, observer: BatchObserver) -> None:
        self._engine = engine
        self._model = model
        self._observer = observer

    async def run(self, batch: Sequence[Entry], *, alone: bool) -> None:
        """Settles every entry. A batch that the engine fails on is tried again one by one.

        `alone` is for the engine; see `Engine.infer`.
        """
        try:
            await self._infer([entry for entry in batch if not entry.answer.done()], alone=alone)
        except Exception as error:  # noqa: BLE001 - a caller must never wait for a dead batch
            self._observer.batch_failed(self._model, error)
            if isinstance(error, EngineFailedError) and len(batch) > 1:
                for entry in batch:
                    await self.run([entry], alone=alone)
            else:
                for entry in batch:
                    _settle_failed(entry, error)

    async def _infer(self, batch: Sequence[Entry], *, alone: bool) -> None:
        if not batch:
            return
        started_s = time.monotonic()
        with self._span(batch) as span:
            try:
                alphas_f32 = await self._answer_for(batch, alone=alone)
            except Exception as failure:
                span.fail(reason_name(failure), ours=True)
                raise
        infer_s = time.monotonic() - started_s
        if alphas_f32 is None:
            self._observer.batch_abandoned(self._model, len(batch))
            return
        self._observer.batch_finished(self._model, len(batch), infer_s)
        for entry, alpha_f32 in zip(batch, alphas_f32, strict=True):
            if np.isfinite(alpha_f32).all():
                queue_s = started_s - entry.entered_s
                _settle(entry, Inferred(alpha_f32, queue_s, infer_s, len(batch)))
            else:
                error = EngineFailedError("The model answered with values that are no numbers.")
                self._observer.batch_failed(self._model, error)
                _settle_failed(entry, error)

    def _span(self, batch: Sequence[Entry]) -> Span:
        facts: dict[str, Value] = {Name.MODEL: self._model, Name.BATCH_SIZE: len(batch)}
        return joint([entry.span for entry in batch], "batch", facts)

    async def _answer_for(
        self, batch: Sequence[Entry], *, alone: bool
    ) -> NDArray[np.float32] | None:
        """Asks the engine; None once nobody waits for any of it, of which the engine is told."""
        tensors_u8 = np.stack([entry.tensor_u8 for entry in batch])
        remaining_s = max(entry.deadline for entry in batch).remaining_s
        call = asyncio.ensure_future(
            self._engine.infer(self._model, tensors_u8, remaining_s, alone=alone)
        )

        def give_up_once_all_left(_: asyncio.Future[Inferred]) -> None:
            if all(entry.answer.done() for entry in batch):
                call.cancel()

        for entry in batch:
            entry.answer.add_done_callback(give_up_once_all_left)
        await asyncio.wait([call])
        if not call.cancelled():
            return _of_each(call.result(), len(batch))
        if all(entry.answer.done() for entry in batch):
            return None
        raise EngineUnavailableError("The engine gave up on this picture; retry later.")


def _of_each(alphas_f32: NDArray[np.float32], pictures: int) -> NDArray[np.float32]:
    if len(alphas_f32) != pictures:
        raise EngineFailedError("The model answered with another number of pictures.")
    return alphas_f32


def _settle(entry: Entry, inferred: Inferred) -> None:
    if not entry.answer.done():
        entry.answer.set_result(inferred)


def _settle_failed(entry: Entry, error: Exception) -> None:
    if not entry.answer.done():
        # The traceback up to here holds the batch; the caller's own begins where it waits.
        entry.answer.set_exception(error.with_traceback(None))
