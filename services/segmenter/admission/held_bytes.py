"""How many encoded bytes all calls hold together, and how many of them each caller may."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segmenter.errors import OverloadedError

_TIMES_WHAT_IS_FREE = 3
"""A caller may hold so many times what it leaves free: alone three quarters of all."""


class Hold:
    """The encoded bytes that one call holds. ``count`` is told by how many more they are."""

    def __init__(self, count: Callable[[int], None]) -> None:
        self._count = count
        self._encoded_bytes = 0

    def resize(self, encoded_bytes: int) -> None:
        """Changes the number to what is held in fact.

        It may exceed the limit, since what is held is held; then other calls are refused.
        """
        self._count(encoded_bytes - self._encoded_bytes)
        self._encoded_bytes = encoded_bytes


class HeldBytes:
    """A bounded number of bytes, of which no caller can take all.

    Source: dynamic thresholds (Choudhury and Hahne, Dynamic Queue Length Thresholds for
    Shared-Memory Packet Switches, 1998). So there is always room for one who comes anew, and the
    more callers there are, the less each may hold.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._by_caller: Counter[str] = Counter()
        self.total = 0

    def check(self, caller: str, more_bytes: int) -> None:
        """Tells whether a caller may hold so many more bytes now.

        Raises:
            OverloadedError: all calls, or those of this caller, would hold too many.
        """
        free_bytes = self._limit_bytes - self.total - more_bytes
        own_bytes = self._by_caller[caller] + more_bytes
        if free_bytes < 0 or (
            self._by_caller[caller] and own_bytes > _TIMES_WHAT_IS_FREE * free_bytes
        ):
            raise OverloadedError("Too many images are waiting; retry later.")

    @contextmanager
    def hold(self, caller: str, encoded_bytes: int) -> Iterator[Hold]:
        """Counts the bytes of a call until the context ends.

        Raises:
            OverloadedError: as `check` does.
        """
        self.check(caller, encoded_bytes)

        def count(more_bytes: int) -> None:
            self.total += more_bytes
            self._by_caller[caller] += more_bytes
            if not self._by_caller[caller]:
                del self._by_caller[caller]

        held = Hold(count)
        held.resize(encoded_bytes)
        try:
            yield held
        finally:
            held.resize(0)
