"""One gRPC stream for a whole job: each caller gets the answer to its own picture."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count

from mattebox.client import ApiError, ConnectionFailedError, CutOut, MatteboxError, TimedOutError

OpenStream = Callable[
    [AsyncIterator[tuple[str, bytes]]], AsyncIterator[tuple[str, CutOut | ApiError]]
]
"""Takes pictures by their ids, and gives the answers in the order in which they are ready."""


@dataclass(slots=True)
class _Stream:
    """What has been sent over one stream, or is about to be."""

    waiting: dict[str, asyncio.Future[CutOut]] = field(default_factory=dict)
    answered: int = 0
    to_send: asyncio.Queue[tuple[str, bytes]] = field(default_factory=asyncio.Queue)

    async def pictures(self) -> AsyncIterator[tuple[str, bytes]]:
        """Hands over what is to be sent, without an end."""
        while True:
            yield await self.to_send.get()


class StreamRemover:
    """Makes cut-outs over a stream, which is opened with the first one, and anew if it breaks."""

    def __init__(self, open_stream: OpenStream, answer_s: float) -> None:
        """`answer_s` is the longest that an answer may take."""
        self._open_stream = open_stream
        self._answer_s = answer_s
        self._ids = count(1)
        self._stream = _Stream()
        self._answering: asyncio.Task[None] | None = None

    async def remove(self, image: bytes) -> CutOut:
        """See `Remover.remove`."""
        if self._answering is None or self._answering.done():
            self._stream = _Stream()
            self._answering = asyncio.create_task(self._answer(self._stream), name="stream")
        stream, item_id = self._stream, str(next(self._ids))
        answered_before = stream.answered
        answer = stream.waiting[item_id] = asyncio.get_running_loop().create_future()
        stream.to_send.put_nowait((item_id, image))
        try:
            async with asyncio.timeout(self._answer_s):
                cut_out: CutOut = await answer
        except TimeoutError as error:
            if stream.answered == answered_before and stream is self._stream:
                await self.aclose()  # nothing comes on it any more: the next opens another
            raise TimedOutError(f"there was no answer within {self._answer_s:g} s") from error
        finally:
            stream.waiting.pop(item_id, None)
        return cut_out

    async def aclose(self) -> None:
        """Cancels what is under way."""
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.wait([self._answering])

    async def _answer(self, stream: _Stream) -> None:
        problem: Exception = ConnectionFailedError("the service ended the stream")
        try:
            async for item_id, outcome in self._open_stream(stream.pictures()):
                stream.answered += 1
                answer = stream.waiting.get(item_id)
                if answer is None or answer.done():  # nobody waits for it any more
                    continue
                if isinstance(outcome, ApiError):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
        except MatteboxError as error:
            problem = error
        finally:
            for answer in stream.waiting.values():
                if not answer.done():
                    answer.set_exception(problem)
