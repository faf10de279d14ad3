"""Decides what may start now, what may wait, and what is refused at once.

Memory is what runs out first, and pixels are what fills it: so the budget is in megapixels of
decoded pictures, not in requests. Where there is not enough for all, callers share what there is.
"""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass

from bounds import Share
from segmenter.admission.held_bytes import HeldBytes
from segmenter.admission.pace import Pace, Patience, work_px
from segmenter.admission.turns import Turns
from segmenter.admission.waiting import Room, Waiter
from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError, OverloadedError, Shortage
from telemetry.tracing import step

_SMALLEST_COST_PX = 1_000_000
"""Even a tiny picture holds a tensor, a task and a share of the batch queue."""


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
    told apart by any text. Belongs to one event loop. `on_begin` is told how many seconds there are
    to the deadline of each picture that begins.
    """

    def __init__(
        self, limits: AdmissionLimits, on_begin: Callable[[float], None] = lambda _: None
    ) -> None:
        self._on_begin = on_begin
        self._budget_px = limits.budget_px
        self._turns = Turns(limits.budget_px, Room(limits.max_waiting, limits.max_waiting_px))
        self._patience = Patience(limits.max_wait_s)
        self._held = HeldBytes(limits.max_held_bytes)
        self._pace = Pace()

    @property
    def in_use_px(self) -> int:
        """Pixels of the pictures that are being worked on."""
        return self._turns.in_work.pixels

    @property
    def in_sight(self) -> int:
        """How many pictures are being worked on, or wait."""
        return self._turns.in_work.count + self._turns.waiting

    @property
    def held_bytes(self) -> int:
        """Encoded bytes of all calls that are not answered yet."""
        return self._held.total

    @property
    def idle_s(self) -> float:
        """For how long there has been no call; 0 while there is one."""
        return self._held.idle_s

    @property
    def waiting(self) -> int:
        """How many pictures wait."""
        return self._turns.waiting

    @property
    def waiting_px(self) -> int:
        """Pixels of the pictures that wait."""
        return self._turns.waiting_px

    @property
    def waiting_age_s(self) -> float:
        """For how long the picture has waited that has waited longest; 0 where none waits.

        It may be asked for from any thread.
        """
        return self._turns.waiting_age_s

    def check(self, caller: str, encoded_bytes: int) -> None:
        """Tells whether a picture of usual size would be taken on now, without taking it on.

        Raises:
            OverloadedError: it would be refused.
        """
        self._held.check(caller, encoded_bytes)
        pixels = self._counted_px(round(self._pace.usual_px))
        self._refuse_hopeless(caller, pixels, math.inf)
        if not self._turns.starts_at_once(pixels):
            self._whom_to_push_out(caller, pixels)

    def hold(self, caller: str, encoded_bytes: int) -> AbstractContextManager[Share]:
        """Counts the bytes of a call from its arrival on, before anything is known of its pixels.

        Raises:
            OverloadedError: all calls together, or those of this caller, would hold too many.
        """
        return self._held.hold(caller, encoded_bytes)

    @asynccontextmanager
    async def admit(self, caller: str, pixels: int, deadline: Deadline) -> AsyncIterator[float]:
        """Holds a share of the budget while the block runs; gives it the seconds it waited.

        Raises:
            OverloadedError: the queue is full, or it would take too long or past the deadline, or
                a caller with less in the queue has taken the place.
            DeadlinePassedError: the deadline passed while waiting.
        """
        pixels = self._counted_px(pixels)
        arrived_s = time.monotonic()
        with step("queue"):
            await self._enter(caller, pixels, deadline)
        try:
            self._on_begin(deadline.remaining_s)
            in_work = self._turns.in_work
            started_s, beside_px, is_busy = time.monotonic(), in_work.work_px, in_work.is_busy
            yield started_s - arrived_s
            # Only what ended well tells how long work takes: failures are over at once, or late.
            mean_px = (beside_px + in_work.work_px) / 2
            hold_s = time.monotonic() - started_s
            self._pace.observe(pixels, mean_px, hold_s, is_busy=is_busy)
        finally:
            self._turns.give_back(pixels)

    def expected_s(self, caller: str, pixels: int) -> float:
        """Estimates when a newcomer would be finished: all work up to it at the usual pace."""
        return self._pace.seconds(self._turns.ahead_px(caller) + work_px(pixels))

    def _counted_px(self, pixels: int) -> int:
        return min(max(pixels, _SMALLEST_COST_PX), self._budget_px)

    async def _enter(self, caller: str, pixels: int, deadline: Deadline) -> None:
        self._refuse_hopeless(caller, pixels, deadline.remaining_s)
        if not self._turns.starts_at_once(pixels):
            # No name for them: while this frame waits in turn, it would hold all that they held.
            self._turns.push_out(self._whom_to_push_out(caller, pixels), self._pushed_out)
        await self._turns.take(caller, pixels, deadline)

    def _refuse_hopeless(self, caller: str, pixels: int, remaining_s: float) -> None:
        if not self._turns.in_work.pixels:
            return  # however long it takes, nothing would be gained by waiting
        if remaining_s <= 0:
            raise DeadlinePassedError("The deadline passed before the picture was begun.")
        expected_s = self.expected_s(caller, pixels)
        granted_s = self._patience.longest_s(caller)
        longest_s = min(granted_s, remaining_s)
        if expected_s > granted_s:
            self._patience.note_refusal(caller)
        if expected_s > longest_s:
            raise OverloadedError(
                f"It would take {expected_s:.0f} s, which is too long; retry later.",
                Shortage.WAIT if expected_s > granted_s else Shortage.DEADLINE,
                retry_after_s=_delay_s(expected_s - longest_s),
                expected_s=f"{expected_s:.0f}",
            )

    def _whom_to_push_out(self, caller: str, pixels: int) -> list[Waiter]:
        """Tells who has to leave the queue for a newcomer that finds it full.

        Raises:
            OverloadedError: the newcomer itself.
        """
        found = self._turns.whom_to_push_out(caller, pixels)
        if found is None:
            has_places = self._turns.has_places
            short = Shortage.MEGAPIXELS if has_places else Shortage.PICTURES
            raise self._queue_is_full(caller, pixels, short)
        return found

    def _pushed_out(self, waiter: Waiter) -> OverloadedError:
        return self._queue_is_full(waiter.caller, waiter.pixels, Shortage.PUSHED_OUT)

    def _queue_is_full(self, caller: str, pixels: int, short: Shortage) -> OverloadedError:
        delay_s = _delay_s(self.expected_s(caller, pixels))
        return OverloadedError("The queue is full; retry later.", short, retry_after_s=delay_s)


def _delay_s(wait_s: float) -> float:
    return max(1.0, float(math.ceil(wait_s)))
