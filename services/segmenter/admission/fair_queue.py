"""Whose turn it is where callers wait for what they share. Knows no time and starts nothing.

Source: start-time fair queuing (Goyal, Vin and Cheng, Start-Time Fair Queuing, SIGCOMM 1996), with
pixels for bytes. Every caller has a virtual clock, which what is started for it puts forward by its
cost; the one that is furthest behind is next. Whoever comes anew begins where the one in service
began, so that nobody saves up turns by keeping quiet, and a line of any length holds up others by
one turn at a time.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """One picture that waits; `granted` is settled when its turn has come."""

    caller: str
    cost_px: int
    granted: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class _Line:
    """The waiters of one caller, and its virtual clock."""

    clock_px: int
    waiters: deque[Waiter] = field(default_factory=deque)
    waiting_px: int = 0


class FairQueue:
    """Waiters, each behind those of the same caller."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._now_px = 0
        """Where the clock of the caller in service stood when its turn came."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def waiting_px(self) -> int:
        """Pixels of all that wait."""
        return sum(line.waiting_px for line in self._lines.values())

    def add(self, waiter: Waiter) -> None:
        """Puts a waiter at the end of its caller's line."""
        line = self._line(waiter.caller)
        line.waiters.append(waiter)
        line.waiting_px += waiter.cost_px
        self._length += 1

    def remove(self, waiter: Waiter) -> bool:
        """Takes a waiter out, wherever it stands; tells whether it was there."""
        line = self._lines.get(waiter.caller)
        if line is None or waiter not in line.waiters:
            return False
        line.waiters.remove(waiter)
        self._left(line, waiter)
        self._forget_idle_lines()
        return True

    def first(self) -> Waiter | None:
        """Tells whose turn is next."""
        line = self._next_line()
        return line.waiters[0] if line else None

    def pop(self) -> Waiter:
        """Takes out the one whose turn is next, of whom there must be one, and charges for it."""
        line = self._next_line()
        if line is None:
            raise IndexError("nobody waits")
        waiter = line.waiters.popleft()
        self._left(line, waiter)
        self._charge(line, waiter.cost_px)
        return waiter

    def charge(self, caller: str, cost_px: int) -> None:
        """Counts what is started for a caller that did not have to wait."""
        self._charge(self._line(caller), cost_px)

    def rest(self) -> None:
        """Forgets all clocks, once nothing waits and nothing that was started goes on."""
        self._lines.clear()
        self._now_px = 0

    def ahead_px(self, caller: str) -> int:
        """Tells how many pixels would be started before those of a newcomer of this caller."""
        own = self._lines.get(caller)
        if own is None or not own.waiters:
            turn_px = max(self._now_px, own.clock_px if own else 0)
        else:
            turn_px = own.clock_px + own.waiting_px
        return sum(
            line.waiting_px if line is own else _started_by(line, turn_px)
            for line in self._lines.values()
        )

    def whom_to_push_out(
        self, caller: str, cost_px: int, most: int, most_px: int
    ) -> list[Waiter] | None:
        """Tells who has to go so that a newcomer fits in, where so many may wait; None: it may not.

        The last in the line of most pixels has to go, as long as that line is the longer one with
        the newcomer counted, too.
        """
        left = {name: list(line.waiters) for name, line in self._lines.items() if line.waiters}
        left_px = {name: self._lines[name].waiting_px for name in left}
        own_px = left_px.get(caller, 0) + cost_px
        pushed_out: list[Waiter] = []
        while self._length - len(pushed_out) >= most or sum(left_px.values()) + cost_px > most_px:
            longest = max(left_px, key=left_px.__getitem__, default=caller)
            if longest == caller or left_px[longest] <= own_px:
                return None
            pushed_out.append(left[longest].pop())
            left_px[longest] -= pushed_out[-1].cost_px
        return pushed_out

    def _line(self, caller: str) -> _Line:
        line = self._lines.setdefault(caller, _Line(self._now_px))
        if not line.waiters:
            line.clock_px = max(line.clock_px, self._now_px)
        return line

    def _next_line(self) -> _Line | None:
        """Of clocks that stand alike the one of the caller known longest is first."""
        waited_for = (line for line in self._lines.values() if line.waiters)
        return min(waited_for, key=lambda line: line.clock_px, default=None)

    def _left(self, line: _Line, waiter: Waiter) -> None:
        line.waiting_px -= waiter.cost_px
        self._length -= 1

    def _charge(self, line: _Line, cost_px: int) -> None:
        self._now_px = line.clock_px
        line.clock_px += cost_px
        self._forget_idle_lines()

    def _forget_idle_lines(self) -> None:
        """Forgets callers that wait for nothing and would come anew as if never seen."""
        idle = [
            name
            for name, line in self._lines.items()
            if not line.waiters and line.clock_px <= self._now_px
        ]
        for name in idle:
            del self._lines[name]


def _started_by(line: _Line, turn_px: int) -> int:
    """Tells how many pixels of a line are started before somebody whose clock stands at a turn."""
    started_px = 0
    for cost_px in _costs(line):
        if line.clock_px + started_px > turn_px:
            break
        started_px += cost_px
    return started_px


def _costs(line: _Line) -> Iterator[int]:
    return (waiter.cost_px for waiter in line.waiters)
