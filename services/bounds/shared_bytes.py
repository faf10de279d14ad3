"""A bounded number of bytes, of which no holder can take all.

Source: dynamic thresholds (Choudhury and Hahne, Dynamic Queue Length Thresholds for Shared-Memory
Packet Switches, 1998). So there is always room for one who comes anew, and the more holders there
are, the less each may have.
"""

import math
from collections import Counter

TIMES_WHAT_IS_FREE = 3
"""A holder may have so many times what it leaves free: alone three quarters of all."""


def limit_for(amount_bytes: int) -> int:
    """Tells the least limit within which a holder alone may have so many bytes."""
    return math.ceil(amount_bytes * (TIMES_WHAT_IS_FREE + 1) / TIMES_WHAT_IS_FREE)


def most_for_one(limit_bytes: int) -> int:
    """Tells the most bytes that a holder alone may have within a limit."""
    return limit_bytes * TIMES_WHAT_IS_FREE // (TIMES_WHAT_IS_FREE + 1)


class SharedBytes:
    """Counts who holds how many. Whether more may be held is for the caller to ask and to heed."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._by_holder: Counter[str] = Counter()
        self.held_bytes = 0
        """By all together."""

    def holds_any(self, holder: str) -> bool:
        """Tells whether a holder has anything."""
        return holder in self._by_holder

    def has_room(self, more_bytes: int) -> bool:
        """Tells whether so many more keep to the limit, whoever holds them."""
        return self.held_bytes + more_bytes <= self._limit_bytes

    def is_fair(self, holder: str, more_bytes: int) -> bool:
        """Tells whether a holder that had so many more would leave enough to others."""
        free_bytes = self._limit_bytes - self.held_bytes - more_bytes
        return self._by_holder[holder] + more_bytes <= TIMES_WHAT_IS_FREE * free_bytes

    def count(self, holder: str, more_bytes: int) -> None:
        """Counts what a holder has more than before, whether or not it fits."""
        self.held_bytes += more_bytes
        self._by_holder[holder] += more_bytes
        if not self._by_holder[holder]:
            del self._by_holder[holder]


class Share:
    """What one request has of them, nothing at first."""

    def __init__(self, shared: SharedBytes, holder: str) -> None:
        self._shared = shared
        self._holder = holder
        self._amount_bytes = 0

    def resize(self, amount_bytes: int) -> None:
        """Changes the amount to what is held in fact.

        It may exceed the limit, since what is held is held; then others are refused.
        """
        self._shared.count(self._holder, amount_bytes - self._amount_bytes)
        self._amount_bytes = amount_bytes
