"""How `mattebox` tells its operator what happened: a line of standard error each time.

In `mattebox up` these stand among the logs of its children.
"""

import contextlib
import sys


def say(sentence: str) -> None:
    """Writes a sentence to standard error, if anybody still reads that."""
    with contextlib.suppress(OSError):
        print(f"mattebox: {sentence}", file=sys.stderr, flush=True)
