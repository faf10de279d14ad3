"""Work that may never end, such as a read from a pipe: on threads that nobody waits for."""

import asyncio
import contextlib
from collections.abc import Callable
from threading import Thread
from typing import Any, ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


async def on_thread(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Calls a function on a thread of its own, which does not outlive the process.

    Unlike with `asyncio.to_thread`, neither the loop nor the process waits for it once the caller
    is cancelled.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Result] = loop.create_future()

    def tell(settle: Callable[[Any], None], outcome: object) -> None:
        if not result.done():
            settle(outcome)

    def call() -> None:
        settle: Callable[[Any], None] = result.set_result
        outcome: object
        try:
            outcome = function(*arguments, **named)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            settle, outcome = result.set_exception, error
        with contextlib.suppress(RuntimeError):  # the loop has ended first
            loop.call_soon_threadsafe(tell, settle, outcome)

    Thread(target=call, name=getattr(function, "__name__", "work"), daemon=True).start()
    return await result
