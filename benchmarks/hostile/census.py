"""What a running Mattebox holds: processes, descriptors, shared memory, memory. Linux's /proc."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import processes
from benchmarks.load.settling import settled_pss_bytes

_MOST_GROWTH = 0.1
_GUARDED_CHILDREN = 2
"""One that reads headers and, as is set by default, one that decodes."""
_SPARE_DESCRIPTORS = 16
"""Connections that are kept, and the two ends of a guarded child's channel."""


@dataclass(frozen=True, slots=True)
class Census:
    """Of one moment in which nothing is asked of the service."""

    pids: frozenset[int]
    """Of the processes that are named."""
    others: int
    """How many processes there are beside these."""
    memory_bytes: int
    descriptors: int
    shared_memories: int


def census(root: int, named: Mapping[str, int]) -> Census:
    """Counts, once the memory of a supervisor's processes stands still."""
    memory_bytes = settled_pss_bytes(root)
    pids = processes.tree(root)
    alive = frozenset(pids) & frozenset(named.values())
    links = [link for pid in alive for link in _links(pid)]
    shared = sum(link.startswith("/memfd:mattebox") for link in links)
    return Census(alive, len(pids) - len(alive), memory_bytes, len(links), shared)


def differences(before: Census, after: Census) -> list[str]:
    """Tells what did not come back to what it was."""
    found = []
    if after.pids != before.pids:
        found.append("a process has died")
    if after.others > before.others + _GUARDED_CHILDREN:
        found.append(f"{after.others - before.others} more processes")
    if after.memory_bytes > (1 + _MOST_GROWTH) * before.memory_bytes:
        found.append(f"memory grew by {after.memory_bytes / before.memory_bytes - 1:.0%}")
    if after.descriptors > before.descriptors + _SPARE_DESCRIPTORS:
        found.append(f"{after.descriptors - before.descriptors} more descriptors")
    if after.shared_memories:
        found.append(f"{after.shared_memories} blocks of shared memory are left")
    return found


def _links(pid: int) -> list[str]:
    links = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return links
