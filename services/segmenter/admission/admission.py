"""Decides what may start now, what may wait, and what is refused at once.

Memory is what runs out first, and pixels are what fills it: so the budget is in megapixels of
decoded pictures, not in requests. Pixels are counted as whole numbers: what is taken comes back
exactly. Where there is not enough for all, callers share what there is.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass

from segmenter.admission.fair_queue import FairQueue, Waiter
from segmenter.admission.held_bytes import HeldBytes, Hold
from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError, OverloadedError

_SMALLEST_COST_PX = 1_000_000
"""Even a tiny picture holds a tensor, a task and a share of the batch queue."""

_NEWEST_WEIGHT = 0.1
"""Share of the newest observation in moving means."""

_STANDING_SHARE = 0.25
"""Share of the longest wait that is still granted while pictures are being refused for theirs.

A burst may fill the queue; a load that lasts would keep it full, and everybody waiting for long
after it has ended. A quarter never runs empty either.
"""

_LASTING_S = 5.0
"""How long after the last such refusal that holds."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """How much may run and wait."""

    budget_px: int
    max_waiting: int
    max_waiting_px: int
    max_held_bytes: int
    max_wait_s: float


class Admission:
    """A budget of megapixels with a bounded queue before it, in which callers take turns.

    Of one caller nothing overtakes; a picture larger than the whole budget runs alone. Callers are
    told apart by any text. Belongs to one event loop.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._in_use_px = 0
        self._held = HeldBytes(limits.max_held_bytes)
        self._queue = FairQueue()
        self._mean_hold_s = 0.0
        self._mean_cost_px = float(_SMALLEST_COST_PX)
        self._refused_s = -math.inf

    @property
    def in_use_px(self) -> int:
        """Pixels of the pictures that are being worked on."""
        return self._in_use_px

    @property
    def held_bytes(self) -> int:
        """Encoded bytes of all calls that are not answered yet."""
        return self._held.total

    @property
    def waiting(self) -> int:
        """How many pictures wait."""
        return len(self._queue)

    @property
    def waiting_px(self) -> int:
        """Pixels of the pictures that wait."""
        return self._queue.waiting_px

    def check(self, caller: str, encoded_bytes: int) -> None:
        """Tells whether a picture of usual size would be taken on now, without taking it on.

        Raises:
            OverloadedError: it would be refused.
        """
        self._held.check(caller, encoded_bytes)
        cost_px = round(self._mean_cost_px)
        if len(self._queue) or not self._fits(cost_px):
            self._refuse_hopeless(caller, cost_px, math.inf)
            self._whom_to_push_out(caller, cost_px)

    def hold(self, caller: str, encoded_bytes: int) -> AbstractContextManager[Hold]:
        """Counts the bytes of a call from its arrival on, before anything is known of its pixels.

        Raises:
            OverloadedError: all calls together, or those of this caller, would hold too many.
        """
        return self._held.hold(caller, encoded_bytes)

    @asynccontextmanager
    async def admit(self, caller: str, pixels: int, deadline: Deadline) -> AsyncIterator[float]:
        """Holds a share of the budget while the block runs; gives it the seconds it waited.

        Raises:
            OverloadedError: the queue is full, or the expected wait is over the limit or past the
                deadline, or a caller with less in the queue has taken the place.
            DeadlinePassedError: the deadline passed while waiting.
        """
        cost_px = min(max(pixels, _SMALLEST_COST_PX), self._limits.budget_px)
        arrived_s = time.monotonic()
        await self._enter(caller, cost_px, deadline)
        started_s = time.monotonic()
        try:
            yield started_s - arrived_s
            # Only what ended well tells how long work takes: failures are over at once, or late.
            self._observe(time.monotonic() - started_s, cost_px)
        finally:
            self._leave(cost_px)

    def expected_wait_s(self, caller: str, cost_px: int) -> float:
        """Estimates the wait of a newcomer: the work before it over the rate at which it drains.

        While the budget is used up, `budget / mean hold time` pixels leave in a second.
        """
        ahead_px = self._in_use_px + self._queue.ahead_px(caller)
        overhang_px = ahead_px + cost_px - self._limits.budget_px
        return max(0, overhang_px) * self._mean_hold_s / self._limits.budget_px

    async def _enter(self, caller: str, cost_px: int, deadline: Deadline) -> None:
        if not len(self._queue) and self._fits(cost_px):
            self._in_use_px += cost_px
            self._queue.charge(caller, cost_px)
            return
        self._refuse_hopeless(caller, cost_px, deadline.remaining_s)
        for waiter in self._whom_to_push_out(caller, cost_px):
            self._push_out(waiter)
        waiter = Waiter(caller, cost_px, asyncio.get_running_loop().create_future())
        self._queue.add(waiter)
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

    def _refuse_hopeless(self, caller: str, cost_px: int, remaining_s: float) -> None:
        wait_s, most_s = self.expected_wait_s(caller, cost_px), self._longest_wait_s()
        if wait_s > min(most_s, remaining_s):
            self._refused_s = time.monotonic()
            raise OverloadedError(
                f"The expected wait of {wait_s:.0f} s is too long; retry later.",
                retry_after_s=_delay_s(wait_s - most_s),
                expected_wait_s=f"{wait_s:.0f}",
            )

    def _longest_wait_s(self) -> float:
        lasts = time.monotonic() - self._refused_s < _LASTING_S
        return self._limits.max_wait_s * (_STANDING_SHARE if lasts else 1.0)

    def _whom_to_push_out(self, caller: str, cost_px: int) -> list[Waiter]:
        """Tells who has to leave the queue for a newcomer that finds it full.

        Raises:
            OverloadedError: the newcomer is the one, whose caller has the most in the queue.
        """
        limits = self._limits
        found = self._queue.whom_to_push_out(
            caller, cost_px, limits.max_waiting, limits.max_waiting_px
        )
        if found is None:
            raise self._queue_is_full(caller, cost_px)
        return found

    def _push_out(self, waiter: Waiter) -> None:
        self._queue.remove(waiter)
        waiter.granted.set_exception(self._queue_is_full(waiter.caller, waiter.cost_px))

    def _queue_is_full(self, caller: str, cost_px: int) -> OverloadedError:
        wait_s = self.expected_wait_s(caller, cost_px)
        return OverloadedError("The queue is full; retry later.", retry_after_s=_delay_s(wait_s))

    def _give_up(self, waiter: Waiter) -> None:
        """Leaves the queue, or undoes a grant that came in the same moment as the cancellation."""
        granted = waiter.granted
        if self._queue.remove(waiter):
            self._grant()
        elif granted.done() and not granted.cancelled() and granted.exception() is None:
            self._leave(waiter.cost_px)

    def _leave(self, cost_px: int) -> None:
        self._in_use_px -= cost_px
        self._grant()
        if not self._in_use_px and not len(self._queue):
            self._queue.rest()

    def _grant(self) -> None:
        while (waiter := self._queue.first()) is not None:
            if waiter.granted.cancelled():  # it leaves as soon as its task runs
                self._queue.remove(waiter)
            elif self._fits(waiter.cost_px):
                self._queue.pop()
                self._in_use_px += waiter.cost_px
                waiter.granted.set_result(None)
            else:
                return

    def _observe(self, hold_s: float, cost_px: int) -> None:
        weight = _NEWEST_WEIGHT if self._mean_hold_s else 1.0
        self._mean_hold_s += weight * (hold_s - self._mean_hold_s)
        self._mean_cost_px += weight * (cost_px - self._mean_cost_px)


def _delay_s(wait_s: float) -> float:
    return max(1.0, float(math.ceil(wait_s)))
