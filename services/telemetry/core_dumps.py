"""What a crash leaves on the disk."""

import resource


def leave_no_core() -> None:
    """Makes a crash of this process, and of its children to come, leave no copy of its memory.

    There are pictures and keys in it.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
