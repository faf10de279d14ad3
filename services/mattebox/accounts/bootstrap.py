"""Makes the key that `mattebox up` shows: `python -m mattebox.accounts.bootstrap`, a child of it.

Prints ``{"key": …}`` on standard output, or on standard error why there is none.
"""

import json
import sys

from mattebox.accounts.errors import CommandError
from mattebox.accounts.session import Place, do


def main() -> int:
    """Makes the key in the database of the gateway's settings; returns the exit code."""
    try:
        key = do(Place(), lambda session: session.administration.replace_bootstrap_key(), make=True)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(json.dumps({"key": key}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
