"""Keeps results in a Valkey or Redis, for all gateways that use it."""

import time
from asyncio import timeout
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TypeVar

from valkey.asyncio import Valkey
from valkey.commands.core import AsyncScript
from valkey.exceptions import ResponseError, ValkeyError

from gateway.circuit import Circuit
from gateway.errors import UnavailableError
from gateway.results import scripts
from gateway.results.refusals import Refusals, full
from gateway.results.store import Result, is_name, new_name

_Answer = TypeVar("_Answer")

PREFIX = "mattebox:results:"
PIECE_BYTES = 256 * 1024
"""What is read of a picture at a time."""

_PICTURES = f"{PREFIX}picture:"
_KEYS = [f"{PREFIX}expiries", f"{PREFIX}sizes", f"{PREFIX}fetched", f"{PREFIX}holders"]


class SharedResults:
    """At most ``budget_bytes`` of pictures of all gateways together, each for ``ttl_s``.

    A server that takes longer than ``timeout_s`` for a piece of one counts as down, and is then
    asked again when ``circuit`` says so. Its own clock counts for results, and it forgets by
    itself; refusals are remembered here, by ``clock``.
    """

    def __init__(  # noqa: PLR0913  one of each part, and the clock
        self,
        client: Valkey,
        circuit: Circuit,
        ttl_s: float,
        budget_bytes: int,
        timeout_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._circuit = circuit
        self._ttl_ms = round(ttl_s * 1000)
        self._budget_bytes = budget_bytes
        self._timeout_s = timeout_s
        self._held_bytes = 0
        self._refusals = Refusals(budget_bytes, clock)
        self._expect = client.register_script(scripts.EXPECT)
        self._reserve = client.register_script(scripts.RESERVE)
        self._append = client.register_script(scripts.APPEND)
        self._note_fetched = client.register_script(scripts.NOTE_FETCHED)
        self._let_go = client.register_script(scripts.DROP)

    @property
    def held_bytes(self) -> int:
        """What the server told when a result was last kept here."""
        return self._held_bytes

    @property
    def is_down(self) -> bool:
        """See `Results.is_down`."""
        return self._circuit.is_open

    async def expect(self, holder: str) -> None:
        """See `Results.expect`."""
        likely_bytes = self._refusals.likely_bytes(holder)
        wait_s = await self._room(self._expect, "", holder, likely_bytes)
        if wait_s is not None:
            raise full(wait_s)

    async def keep(
        self, holder: str, extension: str, size_bytes: int, chunks: AsyncGenerator[bytes, None]
    ) -> str:
        """See `Results.keep`."""
        name = new_name(extension)
        async with aclosing(chunks):
            self._refusals.check_size(size_bytes)
            try:
                wait_s = await self._room(self._reserve, name, holder, size_bytes)
                if wait_s is None:
                    async for chunk in chunks:
                        await self._add(name, chunk)
            except BaseException:
                await self._drop(name)
                raise
        if wait_s is not None:
            raise self._refusals.refuse(holder, size_bytes, wait_s)
        return name

    async def find(self, name: str) -> Result | None:
        """See `Results.find`. The server is asked for nothing that can be no name."""
        if not is_name(name):
            return None
        size_bytes = await self._ask(partial(self._client.strlen, _PICTURES + name))
        if not size_bytes:
            return None
        return Result(size_bytes, self._read(name, size_bytes), _close_nothing)

    async def _room(
        self, script: AsyncScript, name: str, holder: str, size_bytes: int
    ) -> float | None:
        """Looks for room or takes it, as ``script`` does; tells how long to wait for it, if so."""
        args = (_PICTURES, name, holder, size_bytes, self._budget_bytes, self._ttl_ms)
        has_room, self._held_bytes, wait_ms = await self._ask(partial(script, _KEYS, args))
        return None if has_room else wait_ms / 1000

    async def _add(self, name: str, chunk: bytes) -> None:
        if not await self._ask(partial(self._append, args=[_PICTURES, name, chunk])):
            raise UnavailableError  # the server has forgotten it, as one that started anew has

    async def _read(self, name: str, size_bytes: int) -> AsyncGenerator[bytes, None]:
        key = _PICTURES + name
        for start in range(0, size_bytes, PIECE_BYTES):
            end = min(start + PIECE_BYTES, size_bytes)
            piece = await self._ask(partial(self._client.getrange, key, start, end - 1))
            if len(piece) != end - start:
                raise UnavailableError  # its time was over while it was read
            yield piece
        with suppress(UnavailableError):
            await self._ask(partial(self._note_fetched, _KEYS, [_PICTURES, name]))

    async def _drop(self, name: str) -> None:
        """Takes back what was kept of a picture. Where that fails, its time does it."""
        with suppress(UnavailableError):
            await self._ask(partial(self._let_go, _KEYS, [_PICTURES, name]))

    async def _ask(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        attempt = self._circuit.begin()
        if attempt is None:
            raise UnavailableError
        try:
            async with timeout(self._timeout_s):
                answer = await question()
        # No cause is kept: its text may hold the server's address.
        except ResponseError:  # it has no memory, say, and is not down
            self._circuit.succeed(attempt)
            raise UnavailableError from None
        except (ValkeyError, OSError, TimeoutError):
            self._circuit.fail(attempt)
            raise UnavailableError from None
        self._circuit.succeed(attempt)
        return answer


def _close_nothing() -> None:
    """Ends a reading that holds nothing."""
