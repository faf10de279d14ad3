"""Patterns of paths as shells read them, of which `**` stands for any folders but links."""

import errno
import glob
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from mattebox.remove.sources import Unreadable

_ANY_FOLDERS = "**"
_NOT_A_FOLDER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def root_of(pattern: str) -> Path:
    """The folder in which a pattern begins."""
    fixed: list[str] = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def matches(pattern: str) -> Iterator[Path | Unreadable]:
    """Finds what matches in the order of the file system, some of it twice.

    Folders that may not be looked into are among it. `**` follows no links, which may lead in a
    circle; other parts of a pattern do.
    """
    return _below(Path(), Path(pattern).parts)


def _below(folder: Path, parts: tuple[str, ...]) -> Iterator[Path | Unreadable]:
    part, rest = parts[0], parts[1:]
    if not glob.has_magic(part):
        yield from _then(folder / part, rest)
        return
    if part == _ANY_FOLDERS and rest:
        yield from _below(folder, rest)
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if _fits(entry.name, part)]
    except OSError as error:
        if error.errno not in _NOT_A_FOLDER:
            yield Unreadable(folder, error.strerror or str(error))
        return
    for entry in found:
        path = folder / entry.name
        if part != _ANY_FOLDERS:
            yield from _then(path, rest)
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(path, parts)
        elif not rest:
            yield path


def _then(path: Path, rest: tuple[str, ...]) -> Iterator[Path | Unreadable]:
    if rest:
        yield from _below(path, rest)
    elif os.path.lexists(path):
        yield path


def _fits(name: str, part: str) -> bool:
    """Tells whether a name is one that a part of a pattern means; hidden ones begin with a dot."""
    is_meant = not name.startswith(".") or part.startswith(".")
    return is_meant and (part == _ANY_FOLDERS or fnmatchcase(name, part))
