"""Runs a step on a thread in such a way that nobody who gave it up forgets that it still runs."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(
    executor: Executor, step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Runs a synchronous step on a thread of an executor.

    Cancelled before the step has started, it never runs. Cancelled later this waits for its end,
    since a thread cannot be stopped: what the caller has booked for it, of the budget and of the
    bytes that all calls may hold, stays booked for as long as it is in use.
    """
    job = executor.submit(partial(step, *args, **kwargs))
    try:
        return await asyncio.wrap_future(job)
    except asyncio.CancelledError:
        if not job.cancel():
            await _end_of(job)
        raise
    finally:
        # It keeps the step's error, whose traceback holds this frame: a circle, and what the step
        # worked on would stay until the garbage collector looks.
        del job


async def _end_of(job: Future[Any]) -> None:
    """Waits for a job whatever happens; further cancellations cannot hasten it."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    job.add_done_callback(lambda _: loop.call_soon_threadsafe(ended.set))
    while not ended.is_set():
        with suppress(asyncio.CancelledError):
            await ended.wait()
