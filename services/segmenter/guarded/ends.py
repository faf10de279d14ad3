"""Why guarded children end before their time."""

import signal
from enum import StrEnum


class ChildEnd(StrEnum):
    """Why one has ended, or was ended, that will be replaced."""

    CRASH = "crash"
    """It ended by itself, or answered with nonsense."""
    TIMEOUT = "timeout"
    """It took too long by the clock."""
    CPU = "cpu"
    """It took too much processor time."""
    MEMORY = "memory"
    """It was killed from outside, as the kernel does where memory runs out."""
    RECYCLED = "recycled"
    """It has done its share of tasks."""
    CANCELLED = "cancelled"
    """Nobody waits for its picture any more."""


def end_by_signal(number: int) -> ChildEnd:
    """Tells what the end by a signal means, 0 for none, unless the parent sent it."""
    match number:
        case signal.SIGXCPU:
            return ChildEnd.CPU
        case signal.SIGKILL:
            return ChildEnd.MEMORY
        case _:
            return ChildEnd.CRASH
