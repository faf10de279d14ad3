"""How late an event loop runs what is due, so that everybody on it has to wait."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

_TICK_S = 0.1
KEPT_S = 30.0
"""For how long a lag is told: longer than it takes until somebody asks."""


class LoopLag:
    """Ticks on an event loop, and notes by how much each tick is late.

    What holds the loop up for less than a tick may go unseen, or be seen in part.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_s = clock() + _TICK_S
        # Of several lags only those that no later one exceeds: the first is the longest.
        self._lags: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def longest_s(self) -> float:
        """The longest lag of the last half minute, or one that still lasts. For any thread."""
        now_s = self._clock()
        lasting_s = max(0.0, now_s - self._due_s) if self._task is not None else 0.0
        kept = [lag_s for at_s, lag_s in list(self._lags) if now_s - at_s <= KEPT_S]
        return max([lasting_s, *kept])

    def start(self) -> None:
        """Begins to tick on the running loop."""
        self._due_s = self._clock() + _TICK_S
        self._task = asyncio.create_task(self._tick_forever(), name="loop-lag")

    async def stop(self) -> None:
        """Ends ticking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    def note(self, lag_s: float) -> None:
        """Remembers a lag that was seen now."""
        now_s = self._clock()
        while self._lags and self._lags[-1][1] <= lag_s:
            self._lags.pop()
        self._lags.append((now_s, lag_s))
        while now_s - self._lags[0][0] > KEPT_S:
            self._lags.popleft()

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._due_s - self._clock()))
            self.note(max(0.0, self._clock() - self._due_s))
            self._due_s = self._clock() + _TICK_S
