"""How many requests run at a time: fewer after a refusal, more again while all goes well."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

_BASE_S = 0.5
_LONGEST_S = 20.0


def random_share_s(attempt: int) -> float:
    """A random share of a time that doubles with each failed attempt, of which 1 is the first."""
    share_s: float = random.random() * min(_LONGEST_S, _BASE_S * 2**attempt)  # noqa: S311
    return share_s


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to send one request."""

    era: int
    """How often requests had been slowed down when it began."""


class Pace:
    """Hands out turns, first come, first served.

    A refusal halves how many there are at a time, once for all requests that were under way
    together, and none begins until the time has passed that the service asks for. As many successes
    in a row as there are turns give one more of them.
    """

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.at_a_time = most
        """How many turns there are now."""
        self._most = most
        self._clock = clock
        self._sleep = sleep
        self._running = 0
        self._successes = 0
        self._era = 0
        self._resumes_at_s = clock()
        self._first_in_line = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Waits for a turn, which lasts as long as the context."""
        async with self._first_in_line:
            while (pause_s := self._resumes_at_s - self._clock()) > 0 or self._is_full:
                if pause_s > 0:
                    await self._sleep(pause_s)
                else:
                    self._changed.clear()
                    await self._changed.wait()
            self._running += 1
        try:
            yield Turn(self._era)
        finally:
            self._running -= 1
            self._changed.set()

    def slow_down(self, turn: Turn, pause_s: float) -> None:
        """Notes a refusal: no turn begins for ``pause_s`` from now on, and fewer do at a time."""
        self._resumes_at_s = max(self._resumes_at_s, self._clock() + pause_s)
        self._successes = 0
        if turn.era == self._era:
            self._era += 1
            self.at_a_time = max(1, self.at_a_time // 2)

    def go_on(self) -> None:
        """Notes a success."""
        self._successes += 1
        if self._successes >= self.at_a_time < self._most:
            self.at_a_time += 1
            self._successes = 0
            self._changed.set()

    @property
    def _is_full(self) -> bool:
        return self._running >= self.at_a_time
