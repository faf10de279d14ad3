"""What stands where a cut-out is to go, and whether it may be written there at all."""

import os
import stat
import time
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

from mattebox.remove.errors import PictureError
from mattebox.remove.outcome import Picture
from mattebox.remove.sources import FileSource, printable

_LONGEST_NAME_BYTES = 255
"""What the file systems in use take."""
_FOLDERS_AT_HAND = 64
_ELSEWHERE = "Choose another place with --out."


class Way(Enum):
    """What becomes of a picture."""

    SKIP = auto()
    """Its cut-out is there."""
    CREATE = auto()
    """A file that nobody else may have made meanwhile."""
    REPLACE = auto()
    """A file in the place of whatever stands there."""


class Standing:
    """Tells what may be done with what stands in the place of a cut-out.

    There is one rule: it stays, unless `overwrite` is said. A file does not tell whether it is an
    earlier cut-out or somebody's only picture.
    """

    def __init__(self, *, resume: bool = False, overwrite: bool = False) -> None:
        """`resume` leaves out pictures whose cut-out is there."""
        self._resume = resume
        self._overwrite = overwrite
        # Pictures come folder by folder, so that few folders need be remembered.
        self._problem_of = lru_cache(_FOLDERS_AT_HAND)(problem_of)

    def way(self, picture: Picture) -> Way:
        """Tells what is to be done; asks the file system only.

        Raises:
            PictureError: something stands there that stays, or nothing can be written there.
        """
        target = picture.target
        if target is None:
            return Way.CREATE
        self._check_place(target)
        try:
            facts = target.lstat()
        except OSError:
            return Way.REPLACE if self._overwrite else Way.CREATE
        if target.is_dir():
            raise PictureError("cannot_write", f"{shown(target)} is a folder.", _ELSEWHERE)
        is_file = target.is_file()
        if self._resume and is_file and _is_whole_and_new(target, picture):
            return Way.SKIP
        # An empty one, which some file systems leave when the power fails, holds nothing to lose.
        if self._overwrite or (self._resume and stat.S_ISREG(facts.st_mode) and not facts.st_size):
            return Way.REPLACE
        if self._resume and is_file:
            raise PictureError(
                "already_there",
                f"{shown(target)} is there, and older than the picture.",
                "Make it anew with --resume --overwrite, or choose another --out.",
            )
        raise already_there(target)

    def _check_place(self, target: Path) -> None:
        size_bytes = max(len(os.fsencode(part)) for part in target.parts)
        problem = self._problem_of(target.parent)
        if size_bytes > _LONGEST_NAME_BYTES:
            problem = f"its name has {size_bytes} bytes, and {_LONGEST_NAME_BYTES} are the most"
        if problem:
            message = f"{shown(target)} cannot be written: {problem}."
            raise PictureError("cannot_write", message, _ELSEWHERE)


def already_there(target: Path) -> PictureError:
    """The failure of a picture in whose place something stands."""
    return PictureError(
        "already_there",
        f"{shown(target)} is there already.",
        "Leave it with --resume, replace it with --overwrite, or choose another --out.",
    )


def shown(path: Path) -> str:
    """A path as people may see it."""
    return printable(str(path))


def _is_whole_and_new(target: Path, picture: Picture) -> bool:
    """Tells whether a cut-out is not empty, and not older than the file that it was made from."""
    source = picture.source
    try:
        made = target.stat()
        changed_s = _changed_s(source.path) if isinstance(source, FileSource) else 0.0
    except OSError:
        return False
    return made.st_size > 0 and made.st_mtime >= changed_s


def _changed_s(source: Path) -> float:
    """When a file got its content, or its name: a copy may keep the date of the original.

    A date in the future says nothing; with it no cut-out would ever be new enough.
    """
    facts, now_s = source.stat(), time.time()
    return max((at_s for at_s in (facts.st_mtime, facts.st_ctime) if at_s <= now_s), default=0.0)


def problem_of(folder: Path) -> str:
    """Says why nothing can be written to a folder, which need not exist; empty where it can."""
    try:
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    except OSError as error:
        return error.strerror or str(error)
    if not there.is_dir():
        return f"{shown(there)} is no folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{shown(there)} is not yours to write"
