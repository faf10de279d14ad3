"""The key that `mattebox up` shows. A child makes it, since what databases take would stay."""

import json
import subprocess
import sys

from mattebox.up.errors import CannotStartError
from mattebox.up.kept_process import Launch

# Longer than the database is given to be brought up to date.
_DEADLINE_S = 360.0
_COMMAND = (sys.executable, "-P", "-m", "mattebox.accounts.bootstrap")


def new_key(gateway: Launch) -> str:
    """Makes a key in the database that the gateway will use, and revokes that of the last start.

    Raises:
        CannotStartError: the database or its pepper cannot be used, or a setting is wrong.
    """
    try:
        child = subprocess.run(
            _COMMAND,
            env=gateway.env,
            cwd=gateway.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DEADLINE_S,
            check=False,
            # Ctrl-C in a terminal is for this process alone.
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise CannotStartError(
            f"The API keys cannot be used: the database was not ready in {_DEADLINE_S:g} s."
            " See what else is busy with it, and start again."
        ) from None
    if child.returncode != 0:
        raise CannotStartError(f"The API keys cannot be used. {child.stderr.rstrip()}")
    key: str = json.loads(child.stdout)["key"]
    return key
