"""Keeps results in this process."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from bounds import SharedBytes
from gateway.results.refusals import Refusals, full
from gateway.results.store import Result, new_name


@dataclass(slots=True)
class _Kept:
    """A picture; ``readers`` read it now."""

    holder: str
    size_bytes: int
    expires_s: float
    pieces: list[bytes] = field(repr=False)
    readers: int = 0
    is_gone: bool = False


class MemoryResults:
    """At most ``budget_bytes`` of pictures, each for ``ttl_s`` by ``clock``.

    Pictures that are being read count until they no longer are, even when their time is over.
    """

    is_down = False

    def __init__(
        self, ttl_s: float, budget_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._held = SharedBytes(budget_bytes)
        self._refusals = Refusals(budget_bytes, clock)
        # In the order in which they expire, and in that in which they were fetched.
        self._kept: dict[str, _Kept] = {}
        self._fetched: dict[str, _Kept] = {}

    @property
    def held_bytes(self) -> int:
        """See `Results.held_bytes`."""
        return self._held.held_bytes

    async def expect(self, holder: str) -> None:
        """See `Results.expect`."""
        self.drop_expired()
        if self._in_the_way(holder, self._refusals.likely_bytes(holder)) is None:
            raise full(self._wait_s())

    async def keep(
        self, holder: str, extension: str, size_bytes: int, chunks: AsyncGenerator[bytes, None]
    ) -> str:
        """See `Results.keep`."""
        async with aclosing(chunks):
            self._refusals.check_size(size_bytes)
            self.drop_expired()
            self._make_room(holder, size_bytes)
            self._held.count(holder, size_bytes)
            try:
                pieces = [chunk async for chunk in chunks]
            except BaseException:
                self._held.count(holder, -size_bytes)
                raise
        name = new_name(extension)
        self._kept[name] = _Kept(holder, size_bytes, self._clock() + self._ttl_s, pieces)
        return name

    async def find(self, name: str) -> Result | None:
        """See `Results.find`."""
        self.drop_expired()
        kept = self._kept.get(name)
        if kept is None:
            return None
        kept.readers += 1
        closings = [lambda: self._end_reading(kept)]

        def close() -> None:
            if closings:
                closings.pop()()

        return Result(kept.size_bytes, self._read(name, kept), close)

    def drop_expired(self) -> None:
        """Lets go of all whose time is over."""
        now_s = self._clock()
        while self._kept:
            name, oldest = next(iter(self._kept.items()))
            if oldest.expires_s > now_s:
                return
            self._drop(name)

    async def _read(self, name: str, kept: _Kept) -> AsyncGenerator[bytes, None]:
        for piece in kept.pieces:
            yield piece
        if not kept.is_gone:
            self._fetched.pop(name, None)
            self._fetched[name] = kept

    def _make_room(self, holder: str, size_bytes: int) -> None:
        going = self._in_the_way(holder, size_bytes)
        if going is None:
            raise self._refusals.refuse(holder, size_bytes, self._wait_s())
        for name in going:
            self._drop(name)

    def _in_the_way(self, holder: str, size_bytes: int) -> list[str] | None:
        """Tells which have to go for so many bytes; None where all that may go are not enough."""
        going = []
        for name, kept in self._fetched.items():
            if self._held.is_fair(holder, size_bytes):
                break
            if kept.readers == 0:
                going.append(name)
                self._held.count(kept.holder, -kept.size_bytes)
        fits = self._held.is_fair(holder, size_bytes)
        for name in going:
            self._held.count(self._kept[name].holder, self._kept[name].size_bytes)
        return going if fits else None

    def _wait_s(self) -> float:
        """The time until the next one expires that was not fetched."""
        for name, kept in self._kept.items():
            if name not in self._fetched:
                return kept.expires_s - self._clock()
        return self._ttl_s

    def _drop(self, name: str) -> None:
        kept = self._kept.pop(name)
        self._fetched.pop(name, None)
        kept.is_gone = True
        if kept.readers == 0:
            self._held.count(kept.holder, -kept.size_bytes)

    def _end_reading(self, kept: _Kept) -> None:
        kept.readers -= 1
        if kept.is_gone and kept.readers == 0:
            self._held.count(kept.holder, -kept.size_bytes)
