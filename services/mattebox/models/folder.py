"""Writes files so that none is ever seen half made. Knows nothing of what they hold."""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from mattebox.models.errors import DamagedError

_LOCK = ".install.lock"
_PARTIAL = ".partial"
_PIECE_BYTES = 2**20
_READABLE_BY_ALL = 0o644


@dataclass(frozen=True, slots=True)
class Copy:
    """The content of a file elsewhere, which everybody may read. It is never held in memory."""

    source: Path
    sha256: str
    """What was found in it before; another content is refused."""


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Holds a folder against other writers, of any process; waits while another one holds it.

    Makes the folder and those around it where they are missing, and removes it and the one around
    it again if nothing was put into them. What a killed writer left half made is removed at the
    latest by the next one.
    """
    lock = _acquire(folder)
    try:
        _remove_partials(folder)
        yield
    finally:
        _remove_partials(folder)
        (folder / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()
            folder.parent.rmdir()
        os.close(lock)


def was_left(folder: Path) -> bool:
    """Tells whether a writer holds the folder, or was killed while it did."""
    return (folder / _LOCK).exists()


def put(folder: Path, contents: Mapping[Path, bytes | Copy]) -> None:
    """Writes files of a held folder and of the one around it: whole, durable, the last one last.

    None takes the place of an older one before all are on the disk, so that a full disk changes
    nothing.

    Args:
        folder: the held folder.
        contents: what each file shall hold; no two have the same name.

    Raises:
        OSError: they cannot be written; the file is named.
        DamagedError: what is copied has changed.
    """
    partials = {target: folder / f"{target.name}{_PARTIAL}" for target in contents}
    for target, partial in partials.items():
        _write(partial, contents[target])
    for target, partial in partials.items():
        partial.replace(target)
        _sync(target.parent)


def _write(path: Path, content: bytes | Copy) -> None:
    try:
        with path.open("wb") as stream:
            if isinstance(content, Copy):
                _copy(content, stream)
            else:
                stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        # A full disk does not say for which file.
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from error


def _copy(copy: Copy, stream: BufferedWriter) -> None:
    os.fchmod(stream.fileno(), _READABLE_BY_ALL)
    digest = hashlib.sha256()
    with copy.source.open("rb") as source:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            stream.write(piece)
    if digest.hexdigest() != copy.sha256:
        raise DamagedError(
            f"{copy.source} has changed while it was copied: expected sha256 {copy.sha256}, "
            f"found {digest.hexdigest()}."
        )


def _acquire(folder: Path) -> int:
    while True:
        try:
            _make(folder)
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue  # the last holder removed the empty folder in between
        fcntl.flock(lock, fcntl.LOCK_EX)
        # The last holder removed the lock that was waited for: it keeps nobody out any more.
        if _is_same_file(lock, folder / _LOCK):
            return lock
        os.close(lock)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        # A link to nowhere stays in the way however often it is tried.
        if Path(error.filename).is_symlink() and not folder.exists():
            raise


def _is_same_file(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _remove_partials(folder: Path) -> None:
    for path in folder.glob(f"*{_PARTIAL}"):
        path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
