"""Keeps long work on bytes off the event loop, which everybody shares."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

INLINE_BYTES = 2**20
"""Work on so many bytes is done at once: a thread would cost more than it frees."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def off_loop(
    size_bytes: int,
    work: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Returns ``work(*args)``, done in a thread if it is about more than a few bytes."""
    if size_bytes <= INLINE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
