"""Coroutines that are closed while they wait, in whatever context that happens."""

import types
from collections.abc import Coroutine, Generator
from contextvars import copy_context
from typing import Any


@types.coroutine
def for_ever() -> Generator[None, None, None]:
    """Waits for what never comes, with or without an event loop."""
    while True:
        yield


def begun(coroutine: Coroutine[Any, Any, object]) -> None:
    """Runs a coroutine until it waits, in a context of its own, as a task does.

    The garbage collector, or whoever else closes it, does so in another one.
    """
    copy_context().run(coroutine.send, None)
