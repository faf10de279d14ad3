"""What OpenTelemetry has to say for itself, in our log: each message once in a while."""

import logging
import time
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from telemetry.logs import LibraryLogHandler

_LIBRARY = "opentelemetry"
_PAUSE_S = 60.0


class Sparing(logging.Filter):
    """Lets a line of code speak once a minute: a collector that is away is away all the time."""

    def __init__(self, pause_s: float = _PAUSE_S) -> None:
        super().__init__()
        self._pause_s = pause_s
        self._spoke_s: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter`."""
        place, now_s = (record.pathname, record.lineno), time.monotonic()
        spoke_s = self._spoke_s.get(place)
        if spoke_s is not None and now_s - spoke_s < self._pause_s:
            return False
        self._spoke_s[place] = now_s
        return True


@dataclass(frozen=True, slots=True)
class LibraryLog:
    """The way that the library's messages take."""

    handler: logging.Handler

    def close(self) -> None:
        """Lets them go the way of other libraries again."""
        logger = logging.getLogger(_LIBRARY)
        logger.removeHandler(self.handler)
        logger.propagate = True


def library_log(log: FilteringBoundLogger) -> LibraryLog:
    """Sends the library's messages through ``log``, sparingly."""
    handler = LibraryLogHandler(log)
    handler.addFilter(Sparing())
    logger = logging.getLogger(_LIBRARY)
    logger.addHandler(handler)
    logger.propagate = False
    return LibraryLog(handler)
