"""The arithmetic of a sliding window that is made of two counters. Pure; asks no clock."""

import math
from dataclasses import dataclass

PERIOD_S = 60
"""Seconds for which what was used counts: the limits are for a minute."""


@dataclass(frozen=True, slots=True)
class Window:
    """What was counted in the minute before, and in this one.

    The count of the minute before weighs as much as is left of its time. Source: "sliding window
    counter" in the documentation of the library ``limits``, whose storages hold the counters.
    """

    previous: int
    previous_left_s: float
    """Seconds until ``previous`` weighs nothing any more: 0 to 60."""

    current: int
    current_left_s: float
    """Seconds until ``current`` will weigh nothing any more: 60 to 120, or 0 before any count."""

    @property
    def used(self) -> int:
        """What counts at this moment."""
        return math.floor(self.previous * self.previous_left_s / PERIOD_S) + self.current

    def falls_to_s(self, target: int) -> float:
        """Returns the seconds until no more than ``target`` is used; 0 where that is so now.

        At the very end of that time it is still ``target`` + 1. A target below 0 is never reached
        and gives a minute.
        """
        if target < 0:
            return PERIOD_S
        if self.used <= target:
            return 0.0
        if self.current <= target:
            room = target + 1 - self.current
            return self.previous_left_s - PERIOD_S * room / self.previous
        weighs_less_from_s = max(0.0, self.current_left_s - PERIOD_S)
        return weighs_less_from_s + PERIOD_S - PERIOD_S * (target + 1) / self.current
