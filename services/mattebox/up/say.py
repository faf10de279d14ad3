"""How `mattebox up` speaks to its operator: one sentence a line, among the logs of its children."""

import contextlib
import sys


def say(sentence: str) -> None:
    """Writes a sentence to standard error, if anybody still reads that."""
    with contextlib.suppress(OSError):
        print(f"mattebox: {sentence}", file=sys.stderr, flush=True)
