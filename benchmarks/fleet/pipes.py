"""What balancer and fault proxy have in common: bytes handed on between two connections."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

PIECE_BYTES = 64 * 1024

Pump = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_TURNS = 4
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hands on all that comes, and its end.

    Raises:
        OSError: one of the two connections broke.
    """
    while piece := await reader.read(PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def reset(writer: asyncio.StreamWriter) -> None:
    """Breaks a connection off, so that its other end is told of a reset."""
    plain: socket.socket | None = writer.get_extra_info("socket")
    if plain is not None:
        with contextlib.suppress(OSError):  # where it is closed already
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def both_ways(there: Awaitable[None], back: Awaitable[None]) -> bool:
    """Runs both directions to their ends; returns whether both ended well."""
    ways = [asyncio.ensure_future(there), asyncio.ensure_future(back)]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        return len(done) == len(ways) and not any(way.exception() for way in done)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def settle() -> None:
    """Lets the loop take in what was accepted, and let go of what was closed."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
