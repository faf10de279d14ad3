"""Whose turn it is: pictures in work within a budget, and those that wait for theirs.

Knows nothing of how long anything takes.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from segmenter.admission.in_work import InWork
from segmenter.admission.pace import work_px
from segmenter.admission.waiting import Room, Waiter, whom_to_push_out
from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError
from segmenter.fair_queue import FairQueue


class Turns:
    """A budget of pixels with a queue before it, in which callers take turns.

    Of one caller nothing overtakes; a picture larger than the whole budget is in work alone.
    """

    def __init__(self, budget_px: int, room: Room) -> None:
        self.in_work = InWork(budget_px)
        """What is being worked on, to be read only."""
        self._room = room
        self._queue: FairQueue[Waiter] = FairQueue()
        self._waiting_px = 0

    @property
    def waiting(self) -> int:
        """How many pictures wait."""
        return len(self._queue)

    @property
    def waiting_px(self) -> int:
        """Pixels of the pictures that wait."""
        return self._waiting_px

    @property
    def waiting_age_s(self) -> float:
        """For how long the first has waited of those that wait; 0 without any. For any thread."""
        since_s = min((waiter.since_s for waiter in self._queue.items()), default=None)
        return 0.0 if since_s is None else time.monotonic() - since_s

    @property
    def has_places(self) -> bool:
        """Whether one more could wait, however large."""
        return len(self._queue) < self._room.most

    def ahead_px(self, caller: str) -> int:
        """How much work there is before a newcomer of this caller, as `work_px` counts it."""
        return self.in_work.work_px + self._queue.ahead(caller)

    def starts_at_once(self, pixels: int) -> bool:
        """Tells whether a newcomer would not have to wait."""
        return not len(self._queue) and self.in_work.fits(pixels)

    def whom_to_push_out(self, caller: str, pixels: int) -> list[Waiter] | None:
        """Tells who has to go so that a newcomer may wait; None: the newcomer itself."""
        return whom_to_push_out(self._queue, caller, pixels, self._room)

    def push_out(self, waiters: Sequence[Waiter], error: Callable[[Waiter], Exception]) -> None:
        """Ends the waiting of some with an error, for newcomers that come next.

        Each error is made once its waiter, and all before it, have left the queue.
        """
        for waiter in waiters:
            self._take_out(waiter)
            waiter.granted.set_exception(error(waiter))

    async def take(self, caller: str, pixels: int, deadline: Deadline) -> None:
        """Counts a picture in once its turn has come; it is to be given back after that.

        Raises:
            DeadlinePassedError: the deadline passed while it waited.
            Exception: that with which it was pushed out.
        """
        if self.starts_at_once(pixels):
            self.in_work.begin(pixels)
            self._queue.charge(caller, work_px(pixels))
            return
        granted = asyncio.get_running_loop().create_future()
        waiter = Waiter(caller, pixels, work_px(pixels), granted)
        self._queue.add(waiter)
        self._waiting_px += pixels
        # Whoever was pushed out may have stood before one that fits.
        self._grant()
        try:
            async with asyncio.timeout(deadline.remaining_s):
                await granted
        except BaseException as error:
            self._give_up(waiter)
            if isinstance(error, TimeoutError):
                raise DeadlinePassedError("The deadline passed while waiting to start.") from None
            raise
        finally:
            # An error's traceback holds this frame, which would hold the error in turn, and with it
            # the picture of its caller, until the garbage collector looks.
            del granted, waiter

    def give_back(self, pixels: int) -> None:
        """Counts a picture off, and begins with those whose turn it is."""
        self.in_work.end(pixels)
        self._grant()
        if not self.in_work.pixels and not len(self._queue):
            self._queue.rest()

    def _take_out(self, waiter: Waiter) -> bool:
        """Takes a waiter out of the queue; tells whether it was there."""
        found = self._queue.remove(waiter)
        if found:
            self._waiting_px -= waiter.pixels
        return found

    def _give_up(self, waiter: Waiter) -> None:
        """Leaves the queue, or undoes a grant that came in the same moment as the cancellation."""
        granted = waiter.granted
        if self._take_out(waiter):
            self._grant()
        elif granted.done() and not granted.cancelled() and granted.exception() is None:
            self.give_back(waiter.pixels)

    def _grant(self) -> None:
        while (waiter := self._queue.first()) is not None:
            if waiter.granted.cancelled():  # it leaves as soon as its task runs
                self._take_out(waiter)
            elif self.in_work.fits(waiter.pixels):
                self._queue.pop()
                self._waiting_px -= waiter.pixels
                self.in_work.begin(waiter.pixels)
                waiter.granted.set_result(None)
            else:
                return
