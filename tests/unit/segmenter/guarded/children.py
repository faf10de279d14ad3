"""What the kernel says of this process: its children and its descriptors."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.waiting import until


def child_pids() -> set[int]:
    """Lists the children, those that are not yet reaped included."""
    pids: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile; children belong to the main thread, which started them.
        with suppress(FileNotFoundError, ProcessLookupError):
            pids.update(int(pid) for pid in (thread / "children").read_text().split())
    return pids


def open_descriptors() -> int:
    """Counts the open descriptors."""
    return len(list(Path("/proc/self/fd").iterdir()))


def shared_memories() -> int:
    """Counts the open descriptors of shared memory."""
    links = [descriptor.resolve() for descriptor in Path("/proc/self/fd").iterdir()]
    return sum(str(link).startswith("/memfd:mattebox") for link in links)


def cpu_ticks(pid: int) -> int:
    """Tells how much processor time a process took in user code."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


async def busy(pid: int) -> None:
    """Waits until a process has worked for a while, so that it has taken up its task."""
    enough = cpu_ticks(pid) + 20
    await until(lambda: cpu_ticks(pid) >= enough)


async def gone(pid: int) -> None:
    """Waits until a process is reaped."""
    await until(lambda: pid not in child_pids())


def halt(pid: int) -> None:
    """Stops a child of this process where it is; it can still be ended."""
    assert pid in child_pids()
    os.kill(pid, signal.SIGSTOP)


def kill(pid: int, reason: signal.Signals = signal.SIGKILL) -> None:
    """Ends a child of this process."""
    assert pid in child_pids()
    os.kill(pid, reason)
