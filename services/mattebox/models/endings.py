"""How the commands ``mattebox models`` end when something goes wrong, or when they are told to."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import typer

from mattebox.models.errors import ModelError
from mattebox.up.say import say

_TERMINATED = 128 + signal.SIGTERM


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """Ends a command with a line about what went wrong, and the exit code that goes with it."""
    try:
        yield
    except ModuleNotFoundError as error:
        complain(
            f"The package '{error.name}' is not installed. "
            "Install what this command needs with: pip install 'mattebox[models]'"
        )
        raise typer.Exit(1) from error
    except ModelError as error:
        complain(str(error))
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        complain(
            f"{error.filename or 'A file'} cannot be read or written: {error.strerror}."
            " See whose it is, and what room is left on its disk."
        )
        raise typer.Exit(1) from error


@contextmanager
def terminated_by_exception() -> Iterator[None]:
    """Lets SIGTERM end a command as Ctrl-C does: what it began is tidied away on the way out."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(_TERMINATED)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def complain(message: str) -> None:
    """Tells a problem in one line."""
    say(" ".join(message.split()))
