"""What processes cost, read from Linux's /proc: memory as PSS, and processor time.

PSS, the proportional set size, divides each page that processes share by their number, so that the
sum over processes counts every page once.
"""

import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_FILE_PSS = re.compile(r"^Pss_File:\s+(\d+) kB$", re.MULTILINE)
_PEAK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    """Of one process, as its `stat` has them."""

    parent: int
    cpu_s: float
    """User and system time, that of children which have ended and were waited for included."""


def parse_stat(text: str) -> ProcessTimes:
    """Reads a `/proc/PID/stat`. The process's name stands in brackets and may hold anything."""
    fields = text.rpartition(")")[2].split()
    # The first of them is field 3 of proc(5): 4 is the parent, 14 to 17 are the times in ticks.
    return ProcessTimes(int(fields[1]), sum(map(int, fields[11:15])) * _TICK_S)


def parse_pss_bytes(text: str) -> int:
    """Reads the PSS out of a `/proc/PID/smaps_rollup`; 0 for a process that has no memory left."""
    found = _PSS.search(text)
    return int(found[1]) * 1024 if found else 0


def parse_own_bytes(text: str) -> int:
    """Reads as `parse_pss_bytes` does, and leaves out the pages of files.

    Those belong to the system's cache, and count for more as soon as another process that maps the
    same libraries ends.
    """
    file = _FILE_PSS.search(text)
    return parse_pss_bytes(text) - (int(file[1]) * 1024 if file else 0)


def parse_busy_s(text: str) -> float:
    """Reads out of `/proc/stat` how long all processors together have worked."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, text.split()[1:9])
    return (user + nice + system + irq + softirq) * _TICK_S


def machine_busy_s() -> float:
    """Tells how long all processors together have worked, for whomever."""
    return parse_busy_s((_PROC / "stat").read_text())


def tree(root: int) -> list[int]:
    """Lists a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for pid, times in _all_times().items():
        children.setdefault(times.parent, []).append(pid)
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def pss_bytes(root: int) -> int:
    """Sums the PSS of a process and all that descend from it."""
    return sum(parse_pss_bytes(_text(pid, "smaps_rollup")) for pid in tree(root))


def own_bytes(root: int) -> int:
    """Sums as `pss_bytes` does, without pages of files; see `parse_own_bytes`."""
    return sum(parse_own_bytes(_text(pid, "smaps_rollup")) for pid in tree(root))


def handles(root: int) -> tuple[int, int]:
    """Counts the open descriptors and the threads of a process and all that descend from it."""
    pids = tree(root)
    return sum(_entries(pid, "fd") for pid in pids), sum(_entries(pid, "task") for pid in pids)


def cpu_s(root: int) -> float:
    """Sums the processor time of a process and all that descend from it."""
    times = _all_times()
    return sum(times[pid].cpu_s for pid in tree(root) if pid in times)


@dataclass(slots=True)
class Costs:
    """What happened to processes while something ran."""

    cpu_s: dict[str, float] = field(default_factory=dict)
    """By the names that were given."""
    client_cpu_s: float = 0.0
    """Of this process, which sends the requests."""
    others_cpu_s: float = 0.0
    """Of all others on the machine."""
    wall_s: float = 0.0


@contextmanager
def costs(roots: Mapping[str, int]) -> Iterator[Costs]:
    """Measures processor time from the beginning to the end of the context."""
    found = Costs()
    before = _counters(roots)
    try:
        yield found
    finally:
        after = _counters(roots)
        used = {name: after[name] - before[name] for name in after}
        found.wall_s, busy_s = used.pop(_WALL), used.pop(_BUSY)
        found.client_cpu_s = used.pop(_CLIENT)
        found.cpu_s = used
        found.others_cpu_s = max(0.0, busy_s - found.client_cpu_s - sum(used.values()))


_WALL, _BUSY, _CLIENT = "wall", "busy", "client"


def _counters(roots: Mapping[str, int]) -> dict[str, float]:
    return {
        **{name: cpu_s(pid) for name, pid in roots.items()},
        _CLIENT: time.process_time(),
        _BUSY: machine_busy_s(),
        _WALL: time.monotonic(),
    }


class PeakMemory:
    """Looks at the PSS of a process and its descendants until the context ends."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak memory", daemon=True)
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._stop.wait(_PEAK_EVERY_S):
            self._look()

    def _look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, pss_bytes(self._root))


def _all_times() -> dict[int, ProcessTimes]:
    pids: Iterable[int] = (int(path.name) for path in _PROC.iterdir() if path.name.isdecimal())
    texts = ((pid, _text(pid, "stat")) for pid in pids)
    return {pid: parse_stat(text) for pid, text in texts if text}


def _entries(pid: int, name: str) -> int:
    """Counts what a folder of a process holds; 0 where it has ended meanwhile."""
    try:
        return len(list((_PROC / str(pid) / name).iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _text(pid: int, name: str) -> str:
    """Reads a file of a process; empty where it has ended meanwhile."""
    try:
        return (_PROC / str(pid) / name).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
