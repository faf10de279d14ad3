"""Files that are nobody else's business, though a backup or a copy may have left them open."""

import contextlib
import stat
from pathlib import Path


def keep_to_owner(path: Path) -> None:
    """Takes from all other users a file that anybody may read or change, if it is there.

    One that is open to its group alone was left so by somebody, and stays as it is; so does one
    that belongs to another user. The file is not opened.
    """
    # Whoever opens it next tells what is wrong with it.
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO:
            path.chmod(0o600)
