"""The threads that run pixel code, so that the event loop never does."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from segmenter.imaging.strips import strip_bounds
from segmenter.in_thread import in_thread

_SMALLEST_STRIP_PX = 500_000
"""Below this, handing a strip to another thread costs more than it saves."""

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
        """Runs a synchronous step on a thread; see `in_thread` for what cancelling it does."""
        return await in_thread(self, step, *args, **kwargs)

    async def run_all(self, steps: Iterable[Callable[[], R]]) -> list[R]:
        """Runs steps side by side, and returns when all have ended, with what they gave.

        Raises what the first of them raised, once nothing is being worked on any more.
        """
        runs = [self.run(step) for step in steps]
        ended = await asyncio.gather(*runs, return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException):
                try:
                    raise each
                finally:
                    # Its traceback holds this frame, which would hold the error in turn.
                    del each, ended
        return [each for each in ended if not isinstance(each, BaseException)]

    def close(self) -> None:
        """Drops what has not started and waits for what has."""
        self.shutdown(wait=True, cancel_futures=True)

    def _count_off(self, _job: Future[Any]) -> None:
        with self._unfinished_lock:
            self._unfinished -= 1


def idle_strips(pool: CpuPool, width_px: int, height_px: int) -> list[tuple[int, int]]:
    """Cuts the rows of a picture into as many strips as threads are idle, and as are worth it.

    Each is a pair of its first row and the one behind its last.
    """
    most_strips = width_px * height_px // _SMALLEST_STRIP_PX
    return strip_bounds(height_px, min(pool.idle_threads, most_strips))
