"""A TCP proxy that harms what passes: between a segmenter and its Triton, in the answers' way."""

import asyncio
import contextlib
from enum import Enum, auto

from benchmarks.fleet.pipes import PIECE_BYTES, both_ways, reset
from benchmarks.fleet.relay import HOST, Relay


class Harm(Enum):
    """What happens to answers."""

    NONE = auto()
    LATE = auto()
    """Each piece comes `LATE_S` later."""
    RESET = auto()
    """The connection is reset in the middle of a piece."""
    CUT = auto()
    """The connection is closed in the middle of a piece."""
    SWALLOWED = auto()
    """Nothing comes, and nothing is closed."""


LATE_S = 5.0


class FaultProxy(Relay):
    """Hands connections on to a port; belongs to one event loop."""

    def __init__(self, target_port: int) -> None:
        super().__init__()
        self._target_port = target_port
        self._harm = Harm.NONE
        self._changed = asyncio.Event()
        self._forgotten: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.connections = 0
        """So many were made."""
        self.asked = 0
        """So many pieces have gone to the target."""

    async def harm(self, harm: Harm) -> None:
        """Does this from now on, to connections that are there as well."""
        self._harm = harm
        self._changed.set()
        self._changed = asyncio.Event()

    async def forget(self) -> None:
        """Swallows all answers on the connections of now, for good; later ones are whole."""
        self._forgotten |= self._writers

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._pass_on(reader, writer)
        finally:
            self._writers.discard(writer)
            self._forgotten.discard(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_target, to_target = await asyncio.open_connection(HOST, self._target_port)
        except OSError:
            reset(writer)
            return
        try:
            await both_ways(self._ask(reader, to_target), self._answer(from_target, writer))
        finally:
            to_target.close()
            if self._harm is Harm.RESET:
                reset(writer)
            else:
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE_BYTES):
            self.asked += 1
            writer.write(piece)
            await writer.drain()
        writer.write_eof()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE_BYTES):
            if self._harm is Harm.LATE:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LATE_S):
                        await self._changed.wait()
            while self._harm is Harm.SWALLOWED or writer in self._forgotten:
                await self._changed.wait()
            if self._harm in (Harm.RESET, Harm.CUT):
                writer.write(piece[: len(piece) // 2])
                await writer.drain()
                raise ConnectionAbortedError("as was asked for")
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
