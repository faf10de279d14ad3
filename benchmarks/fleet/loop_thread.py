"""An event loop on a thread of its own, beside code that blocks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
Call = Callable[[Coroutine[Any, Any, Result]], Result]

_PATIENCE_S = 30.0


class LoopThread:
    """Runs coroutines for callers on other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs ``work`` on the loop and waits for what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)


@contextmanager
def loop_thread() -> Iterator[LoopThread]:
    """Turns a loop inside the context; its tasks are cancelled in the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="loop", daemon=True)
    thread.start()
    try:
        yield LoopThread(loop)
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result(_PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
