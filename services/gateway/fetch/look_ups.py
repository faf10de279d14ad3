"""Runs look-ups that block in threads of their own, and knows which download started which."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Thread
from typing import TypeVar

Found = TypeVar("Found")

Ended = asyncio.Future[None]
"""Done once a look-up has left its thread; never cancelled, never failed."""

# Between those who count look-ups and the one who runs them stands the HTTP client, whose
# resolvers hear of a name and nothing else.
_started: ContextVar[list[Ended] | None] = ContextVar("look_ups_started", default=None)


@contextmanager
def noted_look_ups() -> Iterator[list[Ended]]:
    """Gives the block a list that grows by each look-up started in it or in a task of its own."""
    started: list[Ended] = []
    token = _started.set(started)
    try:
        yield started
    finally:
        _started.reset(token)


class LookUpThreads:
    """So many look-ups at a time; more wait their turn. Belongs to one event loop.

    A look-up cannot be stopped: given up, it keeps its thread until the system gives up too. An
    executor's threads would keep the process from exiting for as long.
    """

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def run(self, look_up: Callable[[], Found]) -> Found:
        """Returns what a look-up returns, or raises what it raises.

        Raises:
            OSError: if the system has no thread to give.
        """
        await self._free.acquire()
        found: Future[Found] = Future()
        ended: Ended = asyncio.get_running_loop().create_future()
        ended.add_done_callback(lambda _: self._free.release())
        try:
            Thread(target=_run, args=(look_up, found, ended), name="look-up", daemon=True).start()
        except RuntimeError:
            ended.set_result(None)
            raise OSError("no thread for a look-up") from None
        started = _started.get()
        if started is not None:
            started.append(ended)
        await asyncio.shield(ended)
        return found.result()


def _run(look_up: Callable[[], Found], found: "Future[Found]", ended: Ended) -> None:
    try:
        found.set_result(look_up())
    except BaseException as error:  # noqa: BLE001 - belongs to whoever waits, whatever it is
        found.set_exception(error)
    # The loop may be closed by now; then nobody waits.
    with suppress(RuntimeError):
        ended.get_loop().call_soon_threadsafe(ended.set_result, None)
