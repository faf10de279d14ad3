"""How the open connections end when the gateway stops."""

import asyncio
from contextlib import suppress

from gateway.connections import Connections

_FIRST_REQUEST_S = 1.0
"""Seconds for those who have just connected to send their request."""

_TURNS = 3


async def settle() -> None:
    """Lets the loop take in what the system holds: connections first, then what came on them."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def wind_up(connections: Connections, within_s: float, *, handshakes: bool = False) -> None:
    """Lets every request that is under way be answered, uploads included, within the time.

    The framework's own shutdown reads no more of what has not come in whole. Where there are
    ``handshakes`` there may be connections that are not open yet, which are waited for, too.
    """
    connections.ending = True
    _wind_up_all(connections, await_first=True)
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            with suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_REQUEST_S):
                    if handshakes:
                        await asyncio.sleep(_FIRST_REQUEST_S)
                    await connections.all_left()
            _wind_up_all(connections, await_first=False)
            await connections.all_left()


def _wind_up_all(connections: Connections, *, await_first: bool) -> None:
    for connection in tuple(connections):
        connection.wind_up(await_first=await_first)
