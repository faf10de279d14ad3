"""What waits to start, and how much of it may."""

import asyncio
import time
from dataclasses import dataclass, field

from segmenter.fair_queue import FairQueue


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """One picture that waits; `granted` is settled when its turn has come."""

    caller: str
    pixels: int
    cost: int
    granted: asyncio.Future[None]
    since_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Room:
    """How much may wait."""

    most: int
    most_px: int


def whom_to_push_out(
    queue: FairQueue[Waiter], caller: str, pixels: int, room: Room
) -> list[Waiter] | None:
    """Tells who has to go so that a newcomer finds room; None: the newcomer itself.

    The last of the caller with most pixels in the queue has to go, as long as those are more than
    the newcomer's caller would have.
    """
    lines = {each: queue.line(each) for each in queue.callers()}
    left_px = {each: sum(waiter.pixels for waiter in line) for each, line in lines.items()}
    own_px = left_px.get(caller, 0) + pixels
    pushed_out: list[Waiter] = []
    while (
        len(queue) - len(pushed_out) >= room.most or sum(left_px.values()) + pixels > room.most_px
    ):
        longest = max(left_px, key=left_px.__getitem__, default=caller)
        if longest == caller or left_px[longest] <= own_px:
            return None
        pushed_out.append(lines[longest].pop())
        left_px[longest] -= pushed_out[-1].pixels
    return pushed_out
