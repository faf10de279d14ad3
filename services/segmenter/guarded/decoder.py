"""Decodes in guarded children what `segmenter.imaging` decodes in place, with the same errors."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from segmenter.errors import InvalidImageError, SegmenterError
from segmenter.guarded.ends import ChildEnd
from segmenter.guarded.limits import GuardLimits
from segmenter.guarded.memory import SharedMemory
from segmenter.guarded.pixels import PictureLayout, capacity_bytes, load
from segmenter.guarded.pool import GuardedPool
from segmenter.guarded.wire import Refusal, Reply, Task
from segmenter.imaging.header import Header, check_size
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.in_thread import in_thread


class GuardedDecoder:
    """Hands images to guarded children through shared memory. Belongs to one event loop.

    The executor's threads copy bytes in and pixels out.
    """

    def __init__(
        self,
        executor: Executor,
        limits: ImageLimits,
        guard: GuardLimits,
        on_child_end: Callable[[ChildEnd], None] = lambda _: None,
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._guard = guard
        self._pictures = GuardedPool(guard, limits, on_child_end)
        # A header takes next to no time, and would wait long behind pictures.
        self._headers = GuardedPool(replace(guard, workers=1), limits, on_child_end)

    async def read_header(self, data: bytes) -> Header:
        """Does what `imaging.header.read_header` does.

        Raises:
            SegmenterError: as that does, and as `GuardedPool.slot` does.
        """
        task = Task(len(data), 0, self._guard.budget(len(data), pixels=0), None)
        async with self._headers.slot() as run:
            encoded = await self._shared(data)
            reply = await run(task, [encoded.fd])
        if not isinstance(reply, Header):
            raise _no_answer(reply)
        # The image may have taken over the child, which then says anything.
        check_size(reply, self._limits)
        return reply

    async def decode(self, data: bytes, header: Header) -> Picture:
        """Does what `imaging.decode.decode` does.

        Raises:
            SegmenterError: as that does, and as `GuardedPool.slot` does.
        """
        check_size(header, self._limits)
        budget = self._guard.budget(len(data), header.pixels)
        task = Task(len(data), capacity_bytes(header.pixels), budget, header)
        async with self._pictures.slot() as run:
            encoded = await self._shared(data)
            memory = SharedMemory(task.pixel_memory_bytes)
            reply = await run(task, [encoded.fd, memory.fd])
        # The pixels are taken out while the child is at its next task already.
        del encoded
        if not isinstance(reply, PictureLayout):
            raise _no_answer(reply)
        return await self._taken_out(reply, memory)

    async def close(self) -> None:
        """Ends the children."""
        await asyncio.gather(self._headers.close(), self._pictures.close())

    async def _shared(self, data: bytes) -> SharedMemory:
        memory = SharedMemory(len(data))
        await in_thread(self._executor, memory.write, data)
        return memory

    async def _taken_out(self, layout: PictureLayout, memory: SharedMemory) -> Picture:
        try:
            return await in_thread(self._executor, load, layout, memory)
        except ValueError as error:
            raise InvalidImageError("The image could not be decoded safely.") from error


def _no_answer(reply: Reply) -> SegmenterError:
    """Makes the error to raise for a reply that is not the wanted value."""
    if isinstance(reply, Refusal):
        return reply.to_error()
    return InvalidImageError("The image could not be decoded safely.")
