"""The directory that one `mattebox up` holds at a time, with its database and Triton's files."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mattebox.up import keeper
from mattebox.up.errors import CannotStartError
from mattebox.up.say import say


@dataclass(frozen=True, slots=True)
class StateDir:
    """The directory, held by this process."""

    path: Path
    shm_prefix: str
    """What the names of all shared memory of this process's children begin with."""

    @property
    def database(self) -> Path:
        """Where accounts, keys and usage stand unless the operator names another database."""
        return self.path / "mattebox.db"

    @property
    def triton(self) -> Path:
        """What is put together anew for Triton at each start."""
        return self.path / "triton"


@contextmanager
def hold(path: Path) -> Iterator[StateDir]:
    """Makes the directory, for this user alone, and keeps every other `mattebox up` out of it.

    Raises:
        CannotStartError: another process holds it, or it cannot be made.
    """
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStartError(
            f"The state directory {path} cannot be used: {error.strerror}."
            " Choose another one with --state-dir."
        ) from error
    _warn_of_others(path)
    with os.fdopen(lock, "r+", encoding="ascii") as holder:
        earlier_prefix = holder.read()
        _lock(lock, earlier_prefix, path)
        # A holder that was killed together with all its keepers left its memory behind.
        keeper.unlink_shared_memory(earlier_prefix)
        # Process ids repeat, in other containers on the same /dev/shm too; the token does not.
        shm_prefix = f"mattebox-{os.getpid()}-{secrets.token_hex(4)}-"
        holder.seek(0)
        holder.truncate()
        holder.write(shm_prefix)
        holder.flush()
        yield StateDir(path, shm_prefix)


def _warn_of_others(path: Path) -> None:
    """Tells of a directory where others can put files in the place of this service's.

    It may be the operator's for other things too, so that its permissions are left alone.
    """
    if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        say(
            f"other users can replace the files in {path}, keys and database among them:"
            f" `chmod go-w {path}` keeps them from it."
        )


def _lock(descriptor: int, holder: str, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = holder.split("-")[1] if holder else "that is just starting"
        raise CannotStartError(
            f"Another `mattebox up` (process {pid}) uses the state directory {path}."
            " Stop it, or give this one its own with --state-dir."
        ) from None
