"""How many bytes of images are held at once. Knows nothing of requests."""

import contextlib
from collections.abc import Iterator

from gateway.errors import OverloadedError


class ByteBudget:
    """A bounded number of bytes, part of which each running request reserves."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self.reserved_bytes = 0

    def fits(self, amount_bytes: int) -> bool:
        """Tells whether so many more bytes are to be had now."""
        return self.reserved_bytes + amount_bytes <= self._limit_bytes

    @contextlib.contextmanager
    def reserve(self, amount_bytes: int) -> Iterator["Reservation"]:
        """Reserves ``amount_bytes`` for the time of the context.

        Raises:
            OverloadedError: at once, if they are not to be had now.
        """
        if not self.fits(amount_bytes):
            raise OverloadedError
        reservation = Reservation(self)
        reservation.resize(amount_bytes)
        try:
            yield reservation
        finally:
            reservation.resize(0)


class Reservation:
    """The part of a budget that one request holds."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._amount_bytes = 0

    def grow(self, amount_bytes: int) -> None:
        """Asks for as much as is needed from now on.

        Raises:
            OverloadedError: at once, if it is more than before and not to be had now.
        """
        more_bytes = amount_bytes - self._amount_bytes
        if more_bytes > 0 and not self._budget.fits(more_bytes):
            raise OverloadedError
        self.resize(amount_bytes)

    def resize(self, amount_bytes: int) -> None:
        """Changes the amount to what is held in fact.

        It may exceed the budget, since what is held is held; then others are refused.
        """
        self._budget.reserved_bytes += amount_bytes - self._amount_bytes
        self._amount_bytes = amount_bytes
