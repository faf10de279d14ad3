"""Waiting for processes by their own ids, without polling and without a sleep."""

import os
import select

_PATIENCE_S = 30.0


def await_end(pid: int) -> None:
    """Waits until a process has ended, whoever its parent is.

    Raises:
        TimeoutError: it has not after half a minute.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([descriptor], [], [], _PATIENCE_S)[0]:
            raise TimeoutError(f"the process {pid} still runs")
    finally:
        os.close(descriptor)
