"""How many encoded bytes all calls hold together, and how many of them each caller may."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bounds import Share, SharedBytes
from segmenter.errors import OverloadedError, Shortage


class HeldBytes:
    """A bounded number of bytes that callers share. One that holds none yet gets all there is."""

    def __init__(self, limit_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = SharedBytes(limit_bytes)
        self._clock = clock
        self._ended_s = clock()
        """When the last call ended."""

    @property
    def total(self) -> int:
        """By all callers."""
        return self._shared.held_bytes

    @property
    def idle_s(self) -> float:
        """For how long nobody has held any; 0 while somebody does."""
        return 0.0 if self.total else self._clock() - self._ended_s

    def check(self, caller: str, more_bytes: int) -> None:
        """Tells whether a caller may hold so many more bytes now.

        Raises:
            OverloadedError: all calls, or those of this caller, would hold too many.
        """
        shared = self._shared
        is_fair = not shared.holds_any(caller) or shared.is_fair(caller, more_bytes)
        if not (shared.has_room(more_bytes) and is_fair):
            raise OverloadedError("Too many images are waiting; retry later.", Shortage.BYTES)

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
            self._ended_s = self._clock()
