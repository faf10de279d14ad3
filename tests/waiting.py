"""Waiting inside one event loop: for other tasks to come to rest, or for something to hold."""

import asyncio
from collections.abc import Callable

_PATIENCE_S = 30.0
_TURNS = 20


async def settle() -> None:
    """Lets every task run until it waits for something."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def until(holds: Callable[[], bool], every_s: float = 0.005) -> None:
    """Waits until something holds that other tasks, threads or processes bring about.

    Raises:
        TimeoutError: it does not after half a minute.
    """
    async with asyncio.timeout(_PATIENCE_S):
        while not holds():
            await asyncio.sleep(every_s)
