"""A listener on loopback whose connections are handed on to another port."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Coroutine

from benchmarks.fleet.pipes import settle

HOST = "127.0.0.1"
_BACKLOG = 1024


class Relay(ABC):
    """Belongs to one event loop. What it does with a connection is `_join`'s."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, HOST, 0, backlog=_BACKLOG)

    async def port(self) -> int:
        """Tells the port it listens on."""
        assert self._server is not None  # noqa: S101 - it was started
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Breaks all connections off, and listens no more."""
        if self._server is not None:
            self._server.close()
        await settle()  # in which what was accepted last is there
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await settle()

    @abstractmethod
    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection to its end."""

    def _run(self, work: Coroutine[None, None, None]) -> None:
        """Runs something beside the connections, until all are closed."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in one
        self._running.add(task)
        try:
            # The callback that looks at this task's end cannot take it to be cancelled.
            with contextlib.suppress(asyncio.CancelledError):
                await self._join(reader, writer)
        finally:
            writer.close()
            self._running.discard(task)
