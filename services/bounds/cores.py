"""How many cores this process may use."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bounds.control_groups import MOUNTED, OWN, groups

_LIMIT = "cpu.max"

_BLOCKED_HELPERS = 4
"""Those that wait for the system take no core meanwhile."""
_MOST_HELPERS = 32


def available_cores(cgroups: Path = MOUNTED, own_cgroup: Path = OWN) -> int:
    """Counts the cores that the scheduler allows, and the limits of control groups where there are.

    A container sees its own group as the root of all. Elsewhere, as in a unit of systemd with a
    quota, the limits of the process's group and of all groups around it count.
    """
    limits = [_limit(folder / _LIMIT) for folder in groups(cgroups, own_cgroup)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([cores or 1, *(limit for limit in limits if limit is not None)]))


def helpers(cores: int) -> ThreadPoolExecutor:
    """Makes the threads to which an event loop hands what would hold it up.

    Python's own would be as many as the machine has cores and four, whatever a container may use of
    them; each that computes keeps the loop from its turn. As Python's they are 32 at most.
    """
    count = min(cores + _BLOCKED_HELPERS, _MOST_HELPERS)
    return ThreadPoolExecutor(count, thread_name_prefix="helper")


def _limit(file: Path) -> int | None:
    """Reads a limit in whole cores, rounded up; None where there is none."""
    try:
        quota, period = file.read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no group of version 2, or "max"
        return None
