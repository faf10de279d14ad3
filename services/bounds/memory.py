"""How much memory this process may still take."""

from pathlib import Path

from bounds.control_groups import MOUNTED, OWN, groups

_MEMINFO = Path("/proc/meminfo")


def available_memory_bytes(
    meminfo: Path = _MEMINFO, cgroups: Path = MOUNTED, own_cgroup: Path = OWN
) -> int | None:
    """Tells what the machine has left, and the limits of control groups; None where nobody knows.

    What a group holds of files that can be read again counts as left.
    """
    left = [_left_in_group(group) for group in groups(cgroups, own_cgroup)]
    known = [each for each in (_left_on_machine(meminfo), *left) if each is not None]
    return min(known, default=None)


def _left_on_machine(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
        (kib,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        return int(kib) * 1024
    except (OSError, ValueError, IndexError):  # another system, or a very old one
        return None


def _left_in_group(group: Path) -> int | None:
    try:
        limit_bytes = int((group / "memory.max").read_text())
        used_bytes = int((group / "memory.current").read_text())
        statistics = (group / "memory.stat").read_text().split()
    except (OSError, ValueError):  # no group of version 2, or "max"
        return None
    by_name = dict(zip(statistics[::2], statistics[1::2], strict=False))
    return max(0, limit_bytes - used_bytes + int(by_name.get("inactive_file", 0)))
