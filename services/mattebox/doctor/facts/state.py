"""The state directory: whose it is, what is free there, and which `mattebox up` holds it."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

_LOCKS = Path("/proc/locks")
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class StateFacts:
    """What is so of the state directory, or of the nearest folder in which it would be made."""

    path: Path
    exists: bool
    is_folder: bool
    """Of the directory, or else of what stands nearest above it."""

    is_writable: bool
    nearest: Path
    """The directory itself where it exists."""

    mode: int
    owner_is_user: bool
    free_bytes: int
    running_pid: int | None
    """The `mattebox up` that holds it."""


def gather(state_dir: Path) -> StateFacts:
    """Looks, and makes nothing."""
    path = state_dir.absolute()
    nearest = next(each for each in (path, *path.parents) if os.path.lexists(each))
    status = nearest.stat() if nearest.exists() else nearest.lstat()
    return StateFacts(
        path=path,
        exists=nearest == path,
        is_folder=nearest.is_dir(),
        is_writable=os.access(nearest, os.R_OK | os.W_OK | os.X_OK),
        nearest=nearest,
        mode=stat.S_IMODE(status.st_mode),
        owner_is_user=status.st_uid == os.geteuid(),
        free_bytes=shutil.disk_usage(nearest).free if nearest.exists() else 0,
        running_pid=_holder_of(path / _LOCK),
    )


def _holder_of(lock: Path) -> int | None:
    """Reads who holds the lock, without taking it: a start would take that for another one."""
    try:
        status = lock.stat()
        lines = _LOCKS.read_text().splitlines()
        written = lock.read_text("ascii").split("-")
    except (OSError, ValueError):
        return None
    # Of the file's address the inode alone: overlays tell programs another device than the kernel.
    inode = f":{status.st_ino}"
    held = any(" FLOCK " in line and line.split()[5].endswith(inode) for line in lines)
    # The kernel names the process as its own namespace does; what is written is meant for people.
    return int(written[1]) if held and len(written) > 1 and written[1].isdigit() else None
