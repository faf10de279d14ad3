"""Counts delivered answers per key and day, and has them written off the request path."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

_WRITE_TIMEOUT_S = 10.0
"""Seconds after which a write that hangs counts as failed."""

_LONGEST_PAUSE_S = 5.0
"""Most seconds between the attempts to write a batch, unless ``flush_s`` is more."""

_STOP_PAUSE_S = 0.2
"""Seconds between these attempts while the meter stops."""


@dataclass(frozen=True, slots=True)
class UsageSlot:
    """What usage is counted by: one key on one day (UTC)."""

    day: date
    key_id: str


@dataclass(frozen=True, slots=True)
class UsageCount:
    """Delivered answers and the pixels of their pictures, both from 0 up."""

    images: int
    pixels: int

    def __add__(self, other: "UsageCount") -> "UsageCount":
        return UsageCount(self.images + other.images, self.pixels + other.pixels)


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """Counts to add to the store, once: a batch whose ``batch_id`` it has seen adds nothing.

    ``batch_id`` is a UUID in 32 hexadecimal digits.
    """

    batch_id: str
    counts: Mapping[UsageSlot, UsageCount]


def utc_now() -> datetime:
    """Returns the time, in UTC."""
    return datetime.now(UTC)


NO_USAGE = UsageCount(images=0, pixels=0)


class UsageMeter:
    """Gathers counts and has them written every ``flush_s`` seconds by ``write``.

    A batch is written again, as it is, until a write succeeds, since one that failed may have been
    carried out. Meanwhile the next one gathers; it has a slot for each key and day at most.
    ``on_failure`` is called for every write that failed, ``on_lost`` with the counts of each batch
    that is not known to be written when the meter stops. Belongs to one event loop.
    """

    def __init__(
        self,
        write: Callable[[UsageBatch], Awaitable[None]],
        flush_s: float,
        on_failure: Callable[[], None],
        on_lost: Callable[[Mapping[UsageSlot, UsageCount]], None],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._write = write
        self._flush_s = flush_s
        self._on_failure = on_failure
        self._on_lost = on_lost
        self._now = now
        self._gathered: dict[UsageSlot, UsageCount] = {}
        self._gathered_id = uuid.uuid4().hex
        self._batch: UsageBatch | None = None
        self._stopping = asyncio.Event()
        self._stopped = False

    def add(self, key_id: str, pixels: int) -> None:
        """Counts one answer that has just been delivered, of a key that is metered."""
        slot = UsageSlot(self._now().astimezone(UTC).date(), key_id)
        self._gathered[slot] = self._gathered.get(slot, NO_USAGE) + UsageCount(1, pixels)
        if self._stopped:
            self._give_up()

    def unwritten(self) -> Sequence[UsageBatch]:
        """Returns all that is not known to be written, as it will be written.

        A batch whose write is under way, or has failed, may be in the store already.
        """
        return [batch for batch in (self._batch, self._gathered_batch()) if batch is not None]

    async def flush(self) -> None:
        """Writes one batch, if there is anything to write. One call at a time.

        Raises:
            Exception: what ``write`` raised, or TimeoutError; the batch is kept for the next call.
        """
        if self._batch is None:
            self._batch = self._next_batch()
        if self._batch is not None:
            async with asyncio.timeout(_WRITE_TIMEOUT_S):
                await self._write(self._batch)
            self._batch = None

    @asynccontextmanager
    async def running(self, stop_s: float = 5.0) -> AsyncIterator[None]:
        """Writes regularly while the block runs, and the rest after it, within ``stop_s`` seconds.

        What is added later is lost, which ``on_lost`` is told.
        """
        writer = asyncio.create_task(self._write_regularly())
        try:
            yield
        finally:
            await self._stop(writer, stop_s)

    async def _write_regularly(self) -> None:
        longest_pause_s = max(self._flush_s, _LONGEST_PAUSE_S)
        pause_s = self._flush_s
        while not await self._asked_to_stop(pause_s):
            written = await self._try_flush()
            pause_s = self._flush_s if written else min(2 * pause_s, longest_pause_s)

    async def _asked_to_stop(self, within_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def _try_flush(self) -> bool:
        try:
            await self.flush()
        except Exception:  # noqa: BLE001 - a meter that ended would lose all that follows
            self._on_failure()
            return False
        return True

    async def _stop(self, writer: asyncio.Task[None], stop_s: float) -> None:
        self._stopping.set()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(stop_s):
                    # A write that is cancelled is repeated: its batch is still the same.
                    await writer
                    await self._write_rest()
        finally:
            writer.cancel()
            self._stopped = True
            self._give_up()

    async def _write_rest(self) -> None:
        while self._batch is not None or self._gathered:
            if not await self._try_flush():
                await asyncio.sleep(_STOP_PAUSE_S)

    def _give_up(self) -> None:
        for batch in (self._batch, self._next_batch()):
            if batch is not None:
                self._on_lost(batch.counts)
        self._batch = None

    def _next_batch(self) -> UsageBatch | None:
        batch = self._gathered_batch()
        if batch is not None:
            self._gathered = {}
            self._gathered_id = uuid.uuid4().hex
        return batch

    def _gathered_batch(self) -> UsageBatch | None:
        return UsageBatch(self._gathered_id, dict(self._gathered)) if self._gathered else None
