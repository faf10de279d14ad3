"""How many bytes of images are held at once, and by whom. Knows nothing of requests."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from gateway.errors import OverloadedError

TIMES_WHAT_IS_FREE = 3
"""A holder may have so many times what it leaves free: alone three quarters of all."""


class ByteBudget:
    """A bounded number of bytes, part of which each running request reserves for its holder.

    No holder can take all. Source: dynamic thresholds (Choudhury and Hahne, Dynamic Queue Length
    Thresholds for Shared-Memory Packet Switches, 1998). So there is always room for one who comes
    anew, and the more holders there are, the less each may have.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._by_holder: Counter[str] = Counter()
        self.reserved_bytes = 0

    def fits(self, holder: str, amount_bytes: int) -> bool:
        """Tells whether so many more bytes are to be had now."""
        free_bytes = self._limit_bytes - self.reserved_bytes - amount_bytes
        own_bytes = self._by_holder[holder] + amount_bytes
        return free_bytes >= 0 and own_bytes <= TIMES_WHAT_IS_FREE * free_bytes

    @contextlib.contextmanager
    def reserve(self, holder: str, amount_bytes: int) -> Iterator["Reservation"]:
        """Reserves ``amount_bytes`` for the time of the context.

        Raises:
            OverloadedError: at once, if they are not to be had now.
        """
        if not self.fits(holder, amount_bytes):
            raise OverloadedError
        reservation = Reservation(self, holder)
        reservation.resize(amount_bytes)
        try:
            yield reservation
        finally:
            reservation.resize(0)

    def count(self, holder: str, more_bytes: int) -> None:
        """Counts what a holder has more than before, whether or not it fits."""
        self.reserved_bytes += more_bytes
        self._by_holder[holder] += more_bytes
        if not self._by_holder[holder]:
            del self._by_holder[holder]


class Reservation:
    """The part of a budget that one request holds."""

    def __init__(self, budget: ByteBudget, holder: str) -> None:
        self._budget = budget
        self._holder = holder
        self._amount_bytes = 0

    def belong_to(self, holder: str) -> None:
        """Goes over to another holder, whose share it is from now on.

        Raises:
            OverloadedError: at once, if that is not to be had by this holder.
        """
        amount_bytes = self._amount_bytes
        self.resize(0)
        if not self._budget.fits(holder, amount_bytes):
            raise OverloadedError
        self._holder = holder
        self.resize(amount_bytes)

    def grow(self, amount_bytes: int) -> None:
        """Asks for as much as is needed from now on.

        Raises:
            OverloadedError: at once, if it is more than before and not to be had now.
        """
        more_bytes = amount_bytes - self._amount_bytes
        if more_bytes > 0 and not self._budget.fits(self._holder, more_bytes):
            raise OverloadedError
        self.resize(amount_bytes)

    def resize(self, amount_bytes: int) -> None:
        """Changes the amount to what is held in fact.

        It may exceed the budget, since what is held is held; then others are refused.
        """
        self._budget.count(self._holder, amount_bytes - self._amount_bytes)
        self._amount_bytes = amount_bytes
