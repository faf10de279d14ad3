"""Whose turn it is where callers wait for what they share. Knows no time and starts nothing.

Source: start-time fair queuing (Goyal, Vin and Cheng, Start-Time Fair Queuing, SIGCOMM 1996), with
any measure of work for bytes. Every caller has a virtual clock, which what is started for it puts
forward by its cost; the one that is furthest behind is next. Whoever comes anew begins where the
one in service began, so that nobody saves up turns by keeping quiet, and a line of any length holds
up others by one turn at a time.
"""

from bisect import insort_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar


class Waiting(Protocol):
    """What can wait. Each is told apart by its identity."""

    @property
    def caller(self) -> str:
        """In whose line it stands."""

    @property
    def cost(self) -> int:
        """How much of its caller's share it takes."""


Item = TypeVar("Item", bound=Waiting)


@dataclass(slots=True, eq=False)
class _Line(Generic[Item]):
    """What waits of one caller, and its virtual clock."""

    clock: int
    items: list[Item] = field(default_factory=list)
    waiting: int = 0
    """The costs of all items."""


class FairQueue(Generic[Item]):
    """Lines of callers. Each is in the order of arrival, or of `urgency`, lowest first."""

    def __init__(self, urgency: Callable[[Item], Any] = lambda _: 0) -> None:
        self._urgency = urgency
        self._lines: dict[str, _Line[Item]] = {}
        self._now = 0
        """Where the clock of the caller in service stood when its turn came."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, item: Item) -> None:
        """Puts an item into its caller's line."""
        line = self._line(item.caller)
        insort_right(line.items, item, key=self._urgency)
        line.waiting += item.cost
        self._length += 1

    def remove(self, item: Item) -> bool:
        """Takes an item out, wherever it stands; tells whether it was there."""
        line = self._lines.get(item.caller)
        if line is None or item not in line.items:
            return False
        line.items.remove(item)
        self._left(line, item)
        self._forget_idle_lines()
        return True

    def first(self) -> Item | None:
        """Tells whose turn is next."""
        line = self._next_line()
        return line.items[0] if line else None

    def pop(self) -> Item:
        """Takes out the one whose turn is next, and charges for it.

        Raises:
            IndexError: nothing waits.
        """
        line = self._next_line()
        if line is None:
            raise IndexError("nothing waits")
        item = line.items.pop(0)
        self._left(line, item)
        self._charge(line, item.cost)
        return item

    def charge(self, caller: str, cost: int) -> None:
        """Counts what is started for a caller that did not have to wait."""
        self._charge(self._line(caller), cost)

    def rest(self) -> None:
        """Forgets all clocks, once nothing waits and nothing that was started goes on."""
        self._lines.clear()
        self._now = 0

    def ahead(self, caller: str) -> int:
        """Tells the cost of what would be started before a newcomer of this caller."""
        own = self._lines.get(caller)
        if own is None or not own.items:
            turn = max(self._now, own.clock if own else 0)
        else:
            turn = own.clock + own.waiting
        return sum(
            line.waiting if line is own else _started_by(line, turn)
            for line in self._lines.values()
        )

    def line(self, caller: str) -> list[Item]:
        """Tells what waits of a caller, in its order."""
        found = self._lines.get(caller)
        return list(found.items) if found else []

    def items(self) -> list[Item]:
        """Lists all that waits, of one caller after the other. It is safe to call from any thread.

        What comes or goes meanwhile may be missing from it.
        """
        return [item for line in list(self._lines.values()) for item in list(line.items)]

    def callers(self) -> list[str]:
        """Tells of whom something waits."""
        return [caller for caller, line in self._lines.items() if line.items]

    def _line(self, caller: str) -> _Line[Item]:
        line = self._lines.setdefault(caller, _Line(self._now))
        if not line.items:
            line.clock = max(line.clock, self._now)
        return line

    def _next_line(self) -> _Line[Item] | None:
        """Of clocks that stand alike the one of the caller known longest is first."""
        waited_for = (line for line in self._lines.values() if line.items)
        return min(waited_for, key=lambda line: line.clock, default=None)

    def _left(self, line: _Line[Item], item: Item) -> None:
        line.waiting -= item.cost
        self._length -= 1

    def _charge(self, line: _Line[Item], cost: int) -> None:
        self._now = line.clock
        line.clock += cost
        self._forget_idle_lines()

    def _forget_idle_lines(self) -> None:
        """Forgets callers that wait for nothing and would come anew as if never seen."""
        idle = [
            caller
            for caller, line in self._lines.items()
            if not line.items and line.clock <= self._now
        ]
        for caller in idle:
            del self._lines[caller]


def _started_by(line: _Line[Item], turn: int) -> int:
    """Tells the cost of what is started of a line before somebody whose clock stands at a turn."""
    started = 0
    for item in line.items:
        if line.clock + started > turn:
            break
        started += item.cost
    return started
