"""Memory limits of containers, by control groups where this machine lets us make them."""

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A control group with a limit, of the first or the second version."""

    folder: Path

    @property
    def entrance(self) -> Path:
        """The file that a process writes its id to, to be counted here with all it starts."""
        return self.folder / "cgroup.procs"

    @property
    def killed(self) -> int:
        """How many processes were killed since memory ran out."""
        for name in ("memory.oom_control", "memory.events"):
            with contextlib.suppress(OSError):
                lines = (self.folder / name).read_text().splitlines()
                return int(dict(line.split(" ", 1) for line in lines)["oom_kill"])
        return 0

    def remove(self) -> None:
        """Removes it; nothing may run in it."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def limited(limit_bytes: int) -> MemoryGroup | None:
    """Makes a group with a limit; None where this machine does not let us."""
    name = f"mattebox-pods-{os.getpid()}-{next(_numbers)}"
    for parent, file in (
        (_ROOT / "memory" / _own("memory"), "memory.limit_in_bytes"),
        (_ROOT / _own(""), "memory.max"),
    ):
        folder = parent / name
        try:
            folder.mkdir()
            (folder / file).write_text(str(limit_bytes))
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            continue
        return MemoryGroup(folder)
    return None


def _own(controller: str) -> str:
    """The group that this process is in, as a path below that of its controller."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.lstrip("/")
    return ""
