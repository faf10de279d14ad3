"""Gives memory back to the system after a burst, and when work rests.

glibc keeps freed memory for the next picture, which is what makes pictures quick: thresholds low
enough to give it back at once halved the throughput at 12 megapixels. But after a burst of large
uploads it would keep gigabytes for ever, and at rest it keeps more or less by chance.
"""

import asyncio
import ctypes
import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

_INTERVAL_S = 1.0
_BUSY_INTERVAL_S = 30.0
"""Trimming holds up every allocation for a moment, so a busy process does it rarely."""

REST_S = 10.0
"""After so long without a call, what is kept for the next one serves nobody. Garbage in circles is
collected then, too: what calls that failed or were given up leave may hold their pictures.
"""

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Tells how much memory this process has; 0 where the system does not say."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def keep_for_good() -> None:
    """Leaves out of every later collection what there is now; once in a process, at its start.

    Modules, classes and networks are some 70,000 objects, none of which ever goes. Looking through
    them at each rest held up the event loop for up to 0.2 s, and with it a call that came just
    then; looking through what calls leave takes milliseconds.
    """
    if gc.get_freeze_count() == 0:
        gc.collect()  # what the start has left must not stay for good
        gc.freeze()


class MemoryTrimmer:
    """Trims the heap at rest, and before where more than `keep_bytes` is resident.

    `idle_s` tells for how long there has been no call, and 0 while there is one.
    """

    def __init__(self, keep_bytes: int, idle_s: Callable[[], float]) -> None:
        self._keep_bytes = keep_bytes
        self._idle_s = idle_s
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
            idle_s, since_s = self._idle_s(), time.monotonic() - self._last_s
            if begins_to_rest(idle_s, since_s):
                gc.collect()
            elif not (may_trim(idle_s, since_s) and resident_bytes() > self._keep_bytes):
                continue
            # ctypes leaves the GIL, so the event loop goes on.
            await asyncio.to_thread(self._trim)

    def _trim(self) -> None:
        if self._malloc_trim is not None:
            self._malloc_trim(0)
        self._last_s = time.monotonic()


def begins_to_rest(idle_s: float, since_s: float) -> bool:
    """Tells whether there has been no call for long enough, for the first time since the last one.

    Args:
        idle_s: For how long there has been no call; 0 while there is one.
        since_s: How long ago the last trim was.
    """
    return 0 <= idle_s - REST_S < since_s


def may_trim(idle_s: float, since_s: float) -> bool:
    """Tells whether to trim now if too much is kept: in a pause at once, else twice a minute."""
    return 0 < idle_s < REST_S or since_s > _BUSY_INTERVAL_S
