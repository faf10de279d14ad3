"""What a guarded child does to itself, so that a decoder in it can do little harm."""

import ctypes
import math
import os
import resource
import signal
import time
from pathlib import Path

from segmenter.guarded.wire import Budget

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38

# Standard streams, the channel, a task's two descriptors and their maps, and some to spare.
_MAX_DESCRIPTORS = 32
_NICENESS = 2


class Confinement:
    """The bounds of this process: some for good, some for each task anew.

    Make it after all imports: what they take up is not counted against a task.
    """

    def __init__(self) -> None:
        _set_process_flags()
        os.nice(_NICENESS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_DESCRIPTORS, _MAX_DESCRIPTORS))
        # No file can grow. Shared memory comes with its size and is written through a map, which
        # this does not count.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        self._own_bytes = _address_space_bytes()

    def admit(self, budget: Budget) -> None:
        """Sets the bounds of the next task: beyond them memory runs out, or the process ends."""
        _set_soft_limit(resource.RLIMIT_AS, self._own_bytes + budget.memory_bytes)
        # Whole seconds since the process began, after which the kernel sends SIGXCPU.
        _set_soft_limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + budget.cpu_s))


def _set_process_flags() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for flag, value in ((_PR_SET_PDEATHSIG, signal.SIGKILL), (_PR_SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(flag, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl refused")


def _set_soft_limit(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (soft, hard))


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
