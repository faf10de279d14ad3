"""Writes files, so that nobody ever finds half of one."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: str | os.PathLike[str], data: bytes, *, follow_links: bool = True) -> None:
    """Writes a file beside ``path`` and renames it once it is whole; the folder must be there.

    A link stays one, and the file that it leads to is replaced. Without ``follow_links`` the link
    itself is replaced, and what it leads to stays. A device or a pipe is written to.

    Raises:
        OSError: it cannot be written; what stood there stays.
    """
    target = Path(os.path.realpath(path)) if follow_links else Path(path)
    if target.exists() and not target.is_symlink() and not target.is_file():
        target.write_bytes(data)
        return
    with whole_part(target, data) as part:
        part.replace(target)


@contextmanager
def whole_part(target: Path, data: bytes) -> Iterator[Path]:
    """Writes a file beside ``target``, to be given its name; gone with the context otherwise.

    Raises:
        OSError: it cannot be written.
    """
    # Hidden, so that no walk through the folder takes it for a picture.
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        yield part
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
