"""Gives memory back to the system after a burst.

glibc keeps freed memory for the next picture, which is what makes pictures quick: thresholds low
enough to give it back at once halved the throughput at 12 megapixels. But after a burst of large
uploads it would keep gigabytes for ever.
"""

import asyncio
import ctypes
import resource
import time
from collections.abc import Callable
from pathlib import Path

_INTERVAL_S = 1.0
_BUSY_INTERVAL_S = 30.0
"""Trimming holds up every allocation for a moment, so a busy process does it rarely."""

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Tells how much memory this process has; 0 where the system does not say."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()


class MemoryTrimmer:
    """Trims the heap when more than `keep_bytes` is resident, at once when nothing is going on."""

    def __init__(self, keep_bytes: int, is_idle: Callable[[], bool]) -> None:
        self._keep_bytes = keep_bytes
        self._is_idle = is_idle
        self._last_s = 0.0
        self._malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look; does nothing where the C library cannot trim."""
        if self._malloc_trim is not None:
            self._task = asyncio.create_task(self._look_forever(), name="memory")

    async def stop(self) -> None:
        """Ends looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_S)
            if resident_bytes() > self._keep_bytes and self._may_trim():
                # ctypes leaves the GIL, so the event loop goes on.
                await asyncio.to_thread(self._trim)

    def _may_trim(self) -> bool:
        return self._is_idle() or time.monotonic() - self._last_s > _BUSY_INTERVAL_S

    def _trim(self) -> None:
        if self._malloc_trim is not None:
            self._malloc_trim(0)
        self._last_s = time.monotonic()
