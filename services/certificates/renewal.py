"""What is made of files, made anew once they were replaced, as by whoever renews certificates."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from structlog.typing import FilteringBoundLogger

from certificates.files import CertificateError, TlsFiles, TlsMaterial

Made = TypeVar("Made")


class Renewed(Generic[Made]):
    """What ``make`` makes of the material in ``files``. Ask it on any thread.

    While replaced files cannot be used it stays what it was, and the log says so once.

    Raises:
        CertificateError: the files cannot be used from the beginning.
    """

    def __init__(
        self, files: TlsFiles, make: Callable[[TlsMaterial], Made], log: FilteringBoundLogger
    ) -> None:
        self._files = files
        self._make = make
        self._log = log
        self._lock = Lock()
        self._seen = _state(files)
        self._made = make(files.read())

    def current(self) -> Made:
        """Returns what belongs to the files as they are now. Looks at them each time."""
        with self._lock:
            # Before they are read: what changes meanwhile is seen the next time.
            state = _state(self._files)
            if state != self._seen:
                self._seen = state
                self._renew()
            return self._made

    def _renew(self) -> None:
        try:
            self._made = self._make(self._files.read())
        except CertificateError as error:
            self._log.error("certificate_not_renewed", detail=str(error))
        else:
            self._log.info("certificate_renewed", detail=self._files.setting)


def _state(files: TlsFiles) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(map(_file_state, files.paths))


def _file_state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  asked at each handshake
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
