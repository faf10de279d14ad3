"""What may be told of exceptions: kinds and places. Their texts may quote what caused them."""

import os
import traceback
from collections.abc import Iterator

_MOST_LINKED = 10


def told(error: BaseException) -> str:
    """Tells of ``error`` and of what led to it, the first first, as Python does but for the texts.

    Of a failure of the system, its number's meaning is told too.
    """
    return "\n\n".join(reversed([_told_alone(linked) for linked in _linked(error)]))


def _linked(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    for _ in range(_MOST_LINKED):
        if following is None:
            return
        yield following
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _told_alone(error: BaseException) -> str:
    places = "".join(traceback.format_tb(error.__traceback__))
    kind = type(error).__qualname__
    if type(error).__module__ != "builtins":
        kind = f"{type(error).__module__}.{kind}"
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        kind += f": {os.strerror(error.errno)}"
    if isinstance(error, BaseExceptionGroup):
        kind += "".join(f"\n\nof which:\n{told(part)}" for part in error.exceptions)
    return f"Traceback (most recent call last):\n{places}{kind}"
