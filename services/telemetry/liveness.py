"""Whether an event loop still turns, asked from another thread."""

import asyncio
import threading
from collections.abc import Callable


def loop_answers(loop: asyncio.AbstractEventLoop, within_s: float = 1.0) -> Callable[[], bool]:
    """Makes a check, for other threads to call, that ``loop`` runs a callback ``within_s``."""

    def check() -> bool:
        answered = threading.Event()
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # the loop is closed
            return False
        return answered.wait(within_s)

    return check
