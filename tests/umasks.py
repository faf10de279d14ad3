"""The process's umask, which says what new files allow unless they are made with less."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Sets the umask inside the context, of children that are started in it too."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
