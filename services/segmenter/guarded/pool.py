"""A few guarded children, started when needed, and replaced when they end or grow old."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from segmenter.errors import EngineUnavailableError, InvalidImageError, SegmenterError
from segmenter.guarded.child import Child, ChildGoneError
from segmenter.guarded.ends import ChildEnd, end_by_signal
from segmenter.guarded.limits import GuardLimits
from segmenter.guarded.wire import (
    BrokenReplyError,
    Reply,
    Task,
    reply_from_packet,
    task_to_packet,
)
from segmenter.imaging.limits import ImageLimits

_START_LIMIT_S = 30.0

RunTask: TypeAlias = Callable[[Task, Sequence[int]], Awaitable[Reply]]
"""Runs a task, which comes with descriptors, in a child of its own."""


class GuardedPool:
    """Runs tasks in guarded children, each alone in one. Belongs to one event loop."""

    def __init__(
        self, guard: GuardLimits, limits: ImageLimits, on_end: Callable[[ChildEnd], None]
    ) -> None:
        """Starts nothing yet; `on_end` is told why a child ended that will be replaced."""
        self._on_end = on_end
        self._guard = guard
        self._limits = limits
        self._slots = asyncio.Semaphore(guard.workers)
        self._idle: list[Child] = []
        self._children: set[Child] = set()
        self._burials: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[RunTask]:
        """Waits for a slot, and gives the way to run one task in it.

        What the task needs is best made within the block: whoever waits holds nothing then.

        A task that ends its child fails alone. A cancelled task ends its child too, since a
        decoder cannot be stopped otherwise.

        Raises:
            InvalidImageError: the image ended the child, or took too long.
            EngineUnavailableError: the pool is closed.
            SegmenterError: no child could be started.
        """
        async with self._slots:
            self._require_open()
            yield self._run

    async def close(self) -> None:
        """Ends all children, whatever they do, and waits until they are gone."""
        self._closed = True
        for child in self._children:
            child.kill()
        # Every task has ended, by its child's death or because the pool is closed, when all slots
        # are free.
        for _ in range(self._guard.workers):
            await self._slots.acquire()
        for _ in range(self._guard.workers):
            self._slots.release()
        for child in self._idle:
            child.discard()
        for child in self._children:
            await child.ended()
        await asyncio.gather(*self._burials)

    def _require_open(self) -> None:
        if self._closed:
            raise EngineUnavailableError("The server is stopping. Try again later.")

    async def _run(self, task: Task, descriptors: Sequence[int]) -> Reply:
        child = await self._given(task_to_packet(task), descriptors)
        try:
            reply = await self._answer_of(child)
        except asyncio.CancelledError:
            self._replace(child, ChildEnd.CANCELLED)
            raise
        except BaseException:
            child.discard()
            raise
        if child.tasks_taken < self._guard.max_tasks:
            self._idle.append(child)
        else:
            self._replace(child, ChildEnd.RECYCLED)
        return reply

    def _replace(self, child: Child, end: ChildEnd) -> None:
        child.discard()
        if not self._closed:
            self._on_end(end)

    def _bury(self, child: Child) -> None:
        """Ends a child that has closed its channel; nobody waits until it is known why it did."""
        ends_by_itself = child.ends_by_itself
        child.discard()
        if not self._closed:
            burial = asyncio.create_task(self._tell_end(child, ends_by_itself))
            self._burials.add(burial)
            burial.add_done_callback(self._burials.discard)

    async def _tell_end(self, child: Child, ends_by_itself: bool) -> None:
        number = await child.ending_signal()
        # The signal of one that lived on is ours.
        self._on_end(end_by_signal(number) if ends_by_itself else ChildEnd.CRASH)

    async def _given(self, packet: bytes, descriptors: Sequence[int]) -> Child:
        """Gives a task to a child: an idle one, or a new one where the idle ones have died."""
        # Once more: the pool may have closed while the task was prepared.
        self._require_open()
        while self._idle:
            child = self._idle.pop()
            if child.take(packet, descriptors):
                return child
            self._bury(child)
        child = await self._started()
        child.take(packet, descriptors)
        return child

    async def _started(self) -> Child:
        self._children = {child for child in self._children if child.alive}
        child = await Child.spawn(self._limits)
        self._children.add(child)
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await child.ready()
        except (TimeoutError, ChildGoneError) as error:
            child.discard()
            raise SegmenterError("The decoder could not be started. Try again later.") from error
        except BaseException:
            child.discard()
            raise
        return child

    async def _answer_of(self, child: Child) -> Reply:
        try:
            async with asyncio.timeout(self._guard.timeout_s):
                packet = await child.answer()
            return reply_from_packet(packet)
        except TimeoutError as error:
            self._replace(child, ChildEnd.TIMEOUT)
            raise InvalidImageError("The image takes too long to decode.") from error
        except ChildGoneError as error:
            self._bury(child)
            raise InvalidImageError("The image could not be decoded safely.") from error
        except BrokenReplyError as error:
            self._replace(child, ChildEnd.CRASH)
            raise InvalidImageError("The image could not be decoded safely.") from error
