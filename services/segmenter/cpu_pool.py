"""The threads that run pixel code, so that the event loop never does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class CpuPool(ThreadPoolExecutor):
    """A fixed number of threads that knows how many of them are idle.

    Pixel code leaves the GIL in Pillow, NumPy and the compressor.
    """

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="pixels")
        self._size = threads
        self._unfinished = 0
        self._unfinished_lock = Lock()

    @property
    def idle_threads(self) -> int:
        """How many threads have nothing to do and nothing waiting for them."""
        return max(0, self._size - self._unfinished)

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """See `Executor.submit`."""
        job = super().submit(fn, *args, **kwargs)
        with self._unfinished_lock:
            self._unfinished += 1
        # Called at once if the job is done already.
        job.add_done_callback(self._count_off)
        return job

    async def run(self, step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs a synchronous step on a thread. Cancelled before it starts, it never runs."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self, partial(step, *args, **kwargs))

    def close(self) -> None:
        """Drops what has not started and waits for what has."""
        self.shutdown(wait=True, cancel_futures=True)

    def _count_off(self, _job: Future[Any]) -> None:
        with self._unfinished_lock:
            self._unfinished -= 1
