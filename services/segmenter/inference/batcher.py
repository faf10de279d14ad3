"""Joins single pictures to batches. Knows engines by their interface, and nothing of pixels.

A batch goes out at once when the engine is idle; while as many run as may, the next fills. So a
lone picture waits for nobody, and a loaded engine runs full batches.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.deadline import Deadline
from segmenter.errors import (
    DeadlinePassedError,
    EngineUnavailableError,
    OverloadedError,
    Shortage,
)
from segmenter.fair_queue import FairQueue
from segmenter.inference.batch import BatchObserver, BatchRun, Entry, Inferred
from segmenter.inference.engine import Engine, ModelSpec
from telemetry.tracing import step


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How much may wait, how many batches of how many pictures may run, and which are alone."""

    max_queued: int
    max_running: int
    max_size: int = 64
    is_lone: Callable[[], bool] = lambda: True
    """Tells whether no other request is in work than the one whose picture is about to run."""


class Batcher:
    """Queues pictures of one network. Belongs to one event loop.

    Callers take turns, since by deadlines alone one who came late would be behind all who have
    waited long; of one caller the earliest deadline goes first.
    """

    def __init__(
        self, engine: Engine, spec: ModelSpec, policy: BatchPolicy, observer: BatchObserver
    ) -> None:
        self.spec = spec
        self._runs = BatchRun(engine, spec.name, observer)
        self._policy = policy
        self._observer = observer
        # Between equal deadlines, as those of one request, the order of arrival decides.
        self._waiting: FairQueue[Entry] = FairQueue(urgency=lambda entry: entry.deadline)
        self._filled = asyncio.Event()
        self._free_slots = asyncio.Semaphore(policy.max_running)
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False
        self._dispatcher = asyncio.create_task(self._dispatch(), name=f"batcher-{spec.name}")

    @property
    def queued(self) -> int:
        """How many pictures wait for the engine."""
        return len(self._waiting)

    @property
    def oldest_s(self) -> float:
        """For how long the picture has waited that has waited longest; 0 where none waits.

        It may be asked for from any thread.
        """
        entered_s = min((entry.entered_s for entry in self._waiting.items()), default=None)
        return 0.0 if entered_s is None else time.monotonic() - entered_s

    @property
    def running(self) -> int:
        """How many batches the engine is at work on."""
        return len(self._running)

    async def infer(
        self,
        caller: str,
        tensor_u8: NDArray[np.uint8],
        deadline: Deadline,
        on_begin: Callable[[], None] = lambda: None,
    ) -> Inferred:
        """Waits for the matte of one picture, uint8 [H, W, 3] of the network's size.

        A cancelled or expired picture leaves the queue and never reaches the engine. `on_begin` is
        called when it leaves the queue for the engine.

        Raises:
            OverloadedError: the queue is full.
            DeadlinePassedError: the deadline passed.
            EngineUnavailableError: the engine cannot be reached, or the batcher is closing.
            EngineFailedError: the engine failed on this picture alone.
        """
        if self._closing:
            raise EngineUnavailableError("The model is being unloaded; retry later.")
        if len(self._waiting) >= self._policy.max_queued:
            raise OverloadedError(
                "The queue of the model is full; retry later.", Shortage.BATCH_QUEUE
            )
        answer: asyncio.Future[Inferred] = asyncio.get_running_loop().create_future()
        span = step("infer")
        entry = Entry(caller, tensor_u8, deadline, time.monotonic(), answer, on_begin, span)
        self._waiting.add(entry)
        self._filled.set()
        try:
            with span:
                async with asyncio.timeout(deadline.remaining_s):
                    return await answer
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed while waiting for the model.") from None
        finally:
            if self._waiting.remove(entry):
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
            self._begin()

    def _begin(self) -> None:
        """Sends a batch; not a part of the loop, which would hold its pictures until the next."""
        batch = self._take_batch()
        run = asyncio.create_task(self._runs.run(batch, alone=self._is_alone()))
        self._running.add(run)
        run.add_done_callback(self._finish)

    def _is_alone(self) -> bool:
        """Tells whether there is nothing to do beside the batch that was just taken out."""
        return not self._running and not len(self._waiting) and self._policy.is_lone()

    def _finish(self, run: asyncio.Task[None]) -> None:
        self._running.discard(run)
        self._free_slots.release()

    async def _something_waits(self) -> bool:
        """Waits for a picture; False once closing and empty."""
        while not len(self._waiting):
            if not self._running:
                self._waiting.rest()
            if self._closing:
                return False
            self._filled.clear()
            await self._filled.wait()
        return True

    def _take_batch(self) -> list[Entry]:
        """Takes out as many pictures as fit into a batch, in their turns."""
        most = min(self.spec.max_batch_size, self._policy.max_size)
        count = min(most, len(self._waiting))
        batch = [self._waiting.pop() for _ in range(count)]
        for entry in batch:
            entry.on_begin()
        return batch
