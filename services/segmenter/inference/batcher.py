"""Joins single pictures to batches. Knows engines by their interface, and nothing of pixels.

A batch goes out at once when the engine is idle; while one runs, the next fills. So a lone
picture waits for nobody, and a loaded engine runs full batches.
"""

import asyncio
import heapq
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmenter.deadline import Deadline
from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
)
from segmenter.inference.engine import Engine, ModelSpec


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much may wait, and how many batches may run at a time."""

    max_queued: int
    max_running: int


@dataclass(frozen=True, slots=True)
class Inferred:
    """A matte, float32 [H, W] in 0..1, and what it took."""

    alpha_f32: NDArray[np.float32]
    queue_s: float
    infer_s: float


class BatchObserver(Protocol):
    """Is told what happens to batches."""

    def batch_finished(self, model: str, size: int) -> None:
        """A batch of that size was answered."""

    def batch_failed(self, model: str, error: Exception) -> None:
        """A batch was not answered, or a picture of it with nonsense."""

    def entry_abandoned(self, model: str) -> None:
        """A picture's deadline passed, or its caller left, before it reached the engine."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    tensor_u8: NDArray[np.uint8]
    deadline: Deadline
    entered_s: float
    answer: asyncio.Future[Inferred]


class Batcher:
    """Queues pictures of one network, earliest deadline first. Belongs to one event loop."""

    def __init__(
        self, engine: Engine, spec: ModelSpec, limits: BatchLimits, observer: BatchObserver
    ) -> None:
        self.spec = spec
        self._engine = engine
        self._limits = limits
        self._observer = observer
        # In the order of arrival, which decides between equal deadlines, as those of one request.
        self._waiting: dict[_Entry, None] = {}
        self._filled = asyncio.Event()
        self._free_slots = asyncio.Semaphore(limits.max_running)
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False
        self._dispatcher = asyncio.create_task(self._dispatch(), name=f"batcher-{spec.name}")

    @property
    def queued(self) -> int:
        """How many pictures wait for the engine."""
        return len(self._waiting)

    async def infer(self, tensor_u8: NDArray[np.uint8], deadline: Deadline) -> Inferred:
        """Waits for the matte of one picture, uint8 [H, W, 3] of the network's size.

        A cancelled or expired picture leaves the queue and never reaches the engine.

        Raises:
            OverloadedError: the queue is full.
            DeadlinePassedError: the deadline passed.
            EngineUnavailableError: the engine cannot be reached, or the batcher is closing.
            EngineFailedError: the engine failed on this picture alone.
        """
        if self._closing:
            raise EngineUnavailableError("The model is being unloaded; retry later.")
        if len(self._waiting) >= self._limits.max_queued:
            raise OverloadedError("The queue of the model is full; retry later.")
        answer: asyncio.Future[Inferred] = asyncio.get_running_loop().create_future()
        entry = _Entry(tensor_u8, deadline, time.monotonic(), answer)
        self._waiting[entry] = None
        self._filled.set()
        try:
            async with asyncio.timeout(deadline.remaining_s):
                return await answer
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed while waiting for the model.") from None
        finally:
            if entry in self._waiting:
                del self._waiting[entry]
                self._observer.entry_abandoned(self.spec.name)
            # An error's traceback holds this frame; what it held would hold the error in turn,
            # and with it the pictures of all callers, until the garbage collector looks.
            del entry, answer

    async def close(self) -> None:
        """Refuses newcomers, answers what is queued, then stops."""
        self._closing = True
        self._filled.set()
        await self._dispatcher
        if self._running:
            await asyncio.wait(self._running)

    async def _dispatch(self) -> None:
        """Sends a batch whenever the engine has a free slot and something waits."""
        while True:
            await self._free_slots.acquire()
            if not await self._something_waits():
                return
            run = asyncio.create_task(self._run(self._take_batch()))
            self._running.add(run)
            run.add_done_callback(self._finish)

    def _finish(self, run: asyncio.Task[None]) -> None:
        self._running.discard(run)
        self._free_slots.release()

    async def _something_waits(self) -> bool:
        """Waits for a picture; False once closing and empty."""
        while not self._waiting:
            if self._closing:
                return False
            self._filled.clear()
            await self._filled.wait()
        return True

    def _take_batch(self) -> list[_Entry]:
        """Takes the most urgent pictures out of the queue, as many as fit into a batch."""
        batch = heapq.nsmallest(
            self.spec.max_batch_size, self._waiting, key=lambda entry: entry.deadline
        )
        for entry in batch:
            del self._waiting[entry]
        return batch

    async def _run(self, batch: list[_Entry]) -> None:
        """Settles every entry. A batch that the engine fails on is tried again one by one."""
        try:
            await self._infer(batch)
        except Exception as error:  # noqa: BLE001 - a caller must never wait for a dead batch
            self._observer.batch_failed(self.spec.name, error)
            if isinstance(error, EngineFailedError) and len(batch) > 1:
                for entry in batch:
                    await self._run([entry])
            else:
                for entry in batch:
                    _settle_failed(entry, error)

    async def _infer(self, batch: list[_Entry]) -> None:
        batch = [entry for entry in batch if not entry.answer.done()]
        if not batch:
            return
        started_s = time.monotonic()
        alphas_f32 = await self._engine.infer(
            self.spec.name,
            np.stack([entry.tensor_u8 for entry in batch]),
            max(entry.deadline for entry in batch).remaining_s,
        )
        infer_s = time.monotonic() - started_s
        if len(alphas_f32) != len(batch):
            raise EngineFailedError("The model answered with another number of pictures.")
        self._observer.batch_finished(self.spec.name, len(batch))
        for entry, alpha_f32 in zip(batch, alphas_f32, strict=True):
            if np.isfinite(alpha_f32).all():
                inferred = Inferred(alpha_f32, started_s - entry.entered_s, infer_s)
                _settle(entry, inferred)
            else:
                error = EngineFailedError("The model answered with values that are no numbers.")
                self._observer.batch_failed(self.spec.name, error)
                _settle_failed(entry, error)


def _settle(entry: _Entry, inferred: Inferred) -> None:
    if not entry.answer.done():
        entry.answer.set_result(inferred)


def _settle_failed(entry: _Entry, error: Exception) -> None:
    if not entry.answer.done():
        # The traceback up to here holds the batch; the caller's own begins where it waits.
        entry.answer.set_exception(error.with_traceback(None))
