"""The standard streams, any of which may be closed, or a pipe that nobody reads."""

import os
import sys

from mattebox.remove.errors import UsageError

_STDOUT = 1


def open_closed_streams() -> None:
    """Lets no file that is opened later become a standard stream that whoever called has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def check_stdout(*, holds_cut_out: bool) -> None:
    """Tells what standard output cannot be used for.

    Raises:
        UsageError: it is closed, or a terminal that a cut-out is to go to.
    """
    # None where it was closed when the process began, whatever type checkers believe.
    stdout: object = sys.stdout
    if stdout is None:
        raise UsageError("Standard output is closed, to which something is to be written.")
    if holds_cut_out and sys.stdout.isatty():
        raise UsageError("A cut-out is nothing for a terminal: use --out FILE, or redirect it.")


def read_stdin(most_bytes: int) -> bytes:
    """Reads all there is, up to so many bytes.

    Raises:
        UsageError: it is closed.
    """
    stdin: object = sys.stdin
    if stdin is None:
        raise UsageError("Standard input is closed, from which a picture is to be read.")
    return sys.stdin.buffer.read(most_bytes)


def write_stdout(data: bytes) -> None:
    """Writes all of it at once.

    Without the buffer, whose lock a write that never ends would keep from the end of the process.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(_STDOUT, rest) :]
