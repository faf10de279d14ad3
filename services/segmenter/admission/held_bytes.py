"""How many encoded bytes all calls hold together, and how many of them each caller may."""

from collections.abc import Iterator
from contextlib import contextmanager

from bounds import Share, SharedBytes
from segmenter.errors import OverloadedError


class HeldBytes:
    """A bounded number of bytes that callers share. One that holds none yet gets all there is."""

    def __init__(self, limit_bytes: int) -> None:
        self._shared = SharedBytes(limit_bytes)

    @property
    def total(self) -> int:
        """By all callers."""
        return self._shared.held_bytes

    def check(self, caller: str, more_bytes: int) -> None:
        """Tells whether a caller may hold so many more bytes now.

        Raises:
            OverloadedError: all calls, or those of this caller, would hold too many.
        """
        shared = self._shared
        is_fair = not shared.holds_any(caller) or shared.is_fair(caller, more_bytes)
        if not (shared.has_room(more_bytes) and is_fair):
            raise OverloadedError("Too many images are waiting; retry later.")

    @contextmanager
    def hold(self, caller: str, encoded_bytes: int) -> Iterator[Share]:
        """Counts the bytes of a call until the context ends.

        Raises:
            OverloadedError: as `check` does.
        """
        self.check(caller, encoded_bytes)
        held = Share(self._shared, caller)
        held.resize(encoded_bytes)
        try:
            yield held
        finally:
            held.resize(0)
