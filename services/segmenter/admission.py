"""Decides what may start now, what may wait, and what is refused at once.

Memory is what runs out first, and pixels are what fills it: so the budget is in megapixels of
decoded pictures, not in requests. Pixels are counted as whole numbers: what is taken comes back
exactly.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError, OverloadedError

_SMALLEST_COST_PX = 1_000_000
"""Even a tiny picture holds a tensor, a task and a share of the batch queue."""

_HOLD_WEIGHT = 0.1
"""Share of the newest observation in the moving mean of hold times."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """How much may run and wait."""

    budget_px: int
    max_waiting: int
    max_held_bytes: int
    max_wait_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    cost_px: int
    granted: asyncio.Future[None]


class Hold:
    """The encoded bytes that one call holds. ``count`` is told by how many more they are."""

    def __init__(self, count: Callable[[int], None]) -> None:
        self._count = count
        self._encoded_bytes = 0

    def resize(self, encoded_bytes: int) -> None:
        """Changes the number to what is held in fact.

        It may exceed the limit, since what is held is held; then other calls are refused.
        """
        self._count(encoded_bytes - self._encoded_bytes)
        self._encoded_bytes = encoded_bytes


class Admission:
    """A first-come budget of megapixels with a bounded queue before it.

    A picture larger than the whole budget runs alone. Belongs to one event loop.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._in_use_px = 0
        self._held_bytes = 0
        self._waiters: deque[_Waiter] = deque()
        self._mean_hold_s = 0.0

    @property
    def in_use_px(self) -> int:
        """Pixels of the pictures that are being worked on."""
        return self._in_use_px

    @property
    def held_bytes(self) -> int:
        """Encoded bytes of all calls that are not answered yet."""
        return self._held_bytes

    @property
    def waiting(self) -> int:
        """How many pictures wait."""
        return len(self._waiters)

    @property
    def waiting_px(self) -> int:
        """Pixels of the pictures that wait."""
        return sum(waiter.cost_px for waiter in self._waiters)

    @contextmanager
    def hold(self, encoded_bytes: int) -> Iterator[Hold]:
        """Counts the bytes of a call from its arrival on, before anything is known of its pixels.

        Raises:
            OverloadedError: all calls together would hold too many.
        """
        if self._held_bytes + encoded_bytes > self._limits.max_held_bytes:
            raise OverloadedError("Too many images are waiting; retry later.")
        held = Hold(self._count_held)
        held.resize(encoded_bytes)
        try:
            yield held
        finally:
            held.resize(0)

    @asynccontextmanager
    async def admit(self, pixels: int, deadline: Deadline) -> AsyncIterator[float]:
        """Holds a share of the budget while the block runs; gives it the seconds it waited.

        Raises:
            OverloadedError: the queue is full, or the expected wait is over the limit or past the
                deadline.
            DeadlinePassedError: the deadline passed while waiting.
        """
        cost_px = min(max(pixels, _SMALLEST_COST_PX), self._limits.budget_px)
        arrived_s = time.monotonic()
        await self._enter(cost_px, deadline)
        started_s = time.monotonic()
        try:
            yield started_s - arrived_s
            # Only what ended well tells how long work takes: failures are over at once, or late.
            self._observe_hold(time.monotonic() - started_s)
        finally:
            self._leave(cost_px)

    def expected_wait_s(self, cost_px: int) -> float:
        """Estimates the wait of a newcomer: the work before it over the rate at which it drains.

        While the budget is used up, `budget / mean hold time` pixels leave in a second.
        """
        overhang_px = self._in_use_px + self.waiting_px + cost_px - self._limits.budget_px
        return max(0, overhang_px) * self._mean_hold_s / self._limits.budget_px

    def _count_held(self, more_bytes: int) -> None:
        self._held_bytes += more_bytes

    async def _enter(self, cost_px: int, deadline: Deadline) -> None:
        if not self._waiters and self._fits(cost_px):
            self._in_use_px += cost_px
            return
        self._refuse_hopeless(cost_px, deadline)
        waiter = _Waiter(cost_px, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(deadline.remaining_s):
                await waiter.granted
        except BaseException as error:
            self._give_up(waiter)
            if isinstance(error, TimeoutError):
                raise DeadlinePassedError("The deadline passed while waiting to start.") from None
            raise

    def _fits(self, cost_px: int) -> bool:
        return self._in_use_px == 0 or self._in_use_px + cost_px <= self._limits.budget_px

    def _refuse_hopeless(self, cost_px: int, deadline: Deadline) -> None:
        wait_s = self.expected_wait_s(cost_px)
        if len(self._waiters) >= self._limits.max_waiting:
            raise OverloadedError("The queue is full; retry later.", retry_after_s=_delay_s(wait_s))
        if wait_s > min(self._limits.max_wait_s, deadline.remaining_s):
            raise OverloadedError(
                f"The expected wait of {wait_s:.0f} s is too long; retry later.",
                retry_after_s=_delay_s(wait_s - self._limits.max_wait_s),
                expected_wait_s=f"{wait_s:.0f}",
            )

    def _give_up(self, waiter: _Waiter) -> None:
        """Undoes a grant that came in the same moment as the cancellation, or leaves the queue."""
        if waiter.granted.done() and not waiter.granted.cancelled():
            self._leave(waiter.cost_px)
        else:
            with suppress(ValueError):  # a grant may have skipped over it already
                self._waiters.remove(waiter)
            self._grant()

    def _leave(self, cost_px: int) -> None:
        self._in_use_px -= cost_px
        self._grant()

    def _grant(self) -> None:
        while self._waiters and self._fits(self._waiters[0].cost_px):
            waiter = self._waiters.popleft()
            if not waiter.granted.cancelled():
                self._in_use_px += waiter.cost_px
                waiter.granted.set_result(None)

    def _observe_hold(self, hold_s: float) -> None:
        weight = _HOLD_WEIGHT if self._mean_hold_s else 1.0
        self._mean_hold_s += weight * (hold_s - self._mean_hold_s)


def _delay_s(wait_s: float) -> float:
    return max(1.0, float(math.ceil(wait_s)))
