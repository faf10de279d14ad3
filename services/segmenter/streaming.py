"""Answers many items of one stream side by side, each when it is finished."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class ItemStream(Generic[Item, Answer]):
    """Works on at most `max_unanswered` items; reads no further item until an answer has left.

    So a slow reader of answers holds back its own items through the transport's flow control,
    and a stream never holds more than that many pictures.
    """

    def __init__(self, answer: Callable[[Item], Awaitable[Answer]], max_unanswered: int) -> None:
        self._answer = answer
        self._places = asyncio.Semaphore(max_unanswered)
        self._finished: asyncio.Queue[asyncio.Task[Answer] | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Answer]] = set()

    async def answers(self, items: AsyncIterator[Item]) -> AsyncGenerator[Answer, None]:
        """Yields an answer for each item, in the order of finishing.

        What `items` or `answer` raises ends the stream; all work of it is cancelled then, as it
        is when the generator is closed.
        """
        reader = asyncio.create_task(self._read(items))
        try:
            while (task := await self._finished.get()) is not None:
                yield task.result()
                self._places.release()
            await reader
        finally:
            await _cancel([reader, *self._tasks])

    async def _read(self, items: AsyncIterator[Item]) -> None:
        try:
            await self._places.acquire()
            async for item in items:
                task = asyncio.ensure_future(self._answer(item))
                self._tasks.add(task)
                task.add_done_callback(self._finished.put_nowait)
                task.add_done_callback(self._tasks.discard)
                await self._places.acquire()
            if self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            self._finished.put_nowait(None)


async def _cancel(tasks: list[asyncio.Task[None] | asyncio.Task[Answer]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
