"""Writes cut-outs, so that nobody ever finds half of one."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from mattebox.client.writing import whole_part
from mattebox.remove.errors import PictureError, StopJobError
from mattebox.remove.standing import already_there, shown
from mattebox.remove.streams import write_stdout

_STOPS: Mapping[int, str] = {
    errno.ENOSPC: "Make room, then go on with --resume.",
    errno.EDQUOT: "Make room, then go on with --resume.",
    errno.EROFS: "Choose a place that can be written to with --out.",
}
"""With these no other cut-out could be written either; and what to do."""
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})
"""What file systems without hard links answer."""


def write(target: Path | None, cut_out: bytes, *, may_replace: bool) -> None:
    """Writes a cut-out to a file, with the folders that lead to it, or to standard output.

    What stands at ``target`` stays, unless it may be replaced; where that is a link, what it leads
    to stays.

    Raises:
        PictureError: it cannot be written, or something stands there; that stays.
        StopJobError: neither can any other be written.
    """
    try:
        if target is None:
            write_stdout(cut_out)
        else:
            _put(target, cut_out, may_replace=may_replace)
    except OSError as error:
        name = "Standard output" if target is None else shown(target)
        problem = f"{name} cannot be written: {error.strerror or error}."
        if error.errno is not None and error.errno in _STOPS:
            raise StopJobError(f"{problem} {_STOPS[error.errno]}") from error
        raise PictureError("cannot_write", problem, "Choose another place with --out.") from error


def _put(target: Path, cut_out: bytes, *, may_replace: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_part(target, cut_out) as part:
        if may_replace or not _link(part, target):
            os.replace(part, target)  # noqa: PTH105 - says what it does


def _link(part: Path, target: Path) -> bool:
    """Gives a file its name unless something has it; False where it only keeps that name free.

    Raises:
        PictureError: something has the name by now.
    """
    try:
        try:
            os.link(part, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            target.open("xb").close()
            return False
    except FileExistsError as error:
        raise already_there(target) from error
    return True
