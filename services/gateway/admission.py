"""How many bytes of images are held at once, and by whom. Knows nothing of requests."""

import contextlib
from collections.abc import Iterator

from bounds import Share, SharedBytes
from gateway.errors import OverloadedError


class ByteBudget:
    """A bounded number of bytes, part of which each running request reserves for its holder."""

    def __init__(self, limit_bytes: int) -> None:
        self._shared = SharedBytes(limit_bytes)

    @property
    def reserved_bytes(self) -> int:
        """By all together."""
        return self._shared.held_bytes

    def fits(self, holder: str, amount_bytes: int) -> bool:
        """Tells whether so many more bytes are to be had now."""
        return self._shared.is_fair(holder, amount_bytes)

    @contextlib.contextmanager
    def reserve(self, holder: str, amount_bytes: int) -> Iterator["Reservation"]:
        """Reserves ``amount_bytes`` for the time of the context.

        Raises:
            OverloadedError: at once, if they are not to be had now.
        """
        if not self.fits(holder, amount_bytes):
            raise OverloadedError
        reservation = Reservation(self._shared, holder)
        reservation.resize(amount_bytes)
        try:
            yield reservation
        finally:
            reservation.resize(0)


class Reservation(Share):
    """The part of a budget that one request holds."""

    def grow(self, amount_bytes: int) -> None:
        """Asks for as much as is needed from now on.

        Raises:
            OverloadedError: at once, if it is more than before and not to be had now.
        """
        more_bytes = amount_bytes - self._amount_bytes
        if more_bytes > 0 and not self._shared.is_fair(self._holder, more_bytes):
            raise OverloadedError
        self.resize(amount_bytes)

    def belong_to(self, holder: str) -> None:
        """Goes over to another holder, whose share it is from now on.

        Raises:
            OverloadedError: at once, if that is not to be had by this holder.
        """
        amount_bytes = self._amount_bytes
        self.resize(0)
        if not self._shared.is_fair(holder, amount_bytes):
            raise OverloadedError
        self._holder = holder
        self.resize(amount_bytes)
