"""The process that `mattebox up` becomes: `python -m mattebox.up OPTIONS`, as JSON."""

import os
import sys

from mattebox.up.errors import CannotStartError
from mattebox.up.options import UpOptions
from mattebox.up.run import run
from mattebox.up.say import say
from telemetry.core_dumps import leave_no_core


def main(options: UpOptions) -> int:
    """Runs all services; returns the exit code, 1 where they cannot be started."""
    # Holds for the children too: whatever they write is this user's alone, and what they have in
    # memory stays there when one crashes.
    os.umask(0o077)
    leave_no_core()
    try:
        return run(options)
    except CannotStartError as error:
        say(str(error))
    except OSError as error:
        say(
            f"{error.filename or 'A file'} cannot be read or written: {error.strerror}."
            " See whose it is, and what room is left on its disk."
        )
    return 1


if __name__ == "__main__":
    sys.exit(main(UpOptions.from_json(sys.argv[1])))
