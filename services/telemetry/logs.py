"""Structured logs with an allow-list of fields: what is not named here is never written.

Nor are the texts of exceptions, which may quote what caused them.
"""

import logging
import os
import sys
import warnings
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from telemetry.console_lines import ConsoleLines, shows_colours
from telemetry.exceptions import told

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "console"]
"""`auto` is `console` on a terminal, and `json` elsewhere."""

FIELDS = frozenset(
    {
        "event",
        "exception",
        "level",
        "timestamp",
        # Who and what.
        "code",
        "detail",
        "dialect",
        "key_fingerprint",
        "method",
        "key_id",
        "origin",
        "request_id",
        "route",
        "status",
        "trace_id",
        # How much and how long.
        "bytes_in",
        "bytes_out",
        "day",
        "duration_ms",
        "images",
        "pixels",
        "stages_ms",
        "wait_s",
        # Pictures: the answer's, and those that were sent.
        "channels",
        "format",
        "height_px",
        "input_format",
        "input_height_px",
        "input_width_px",
        "sha256",
        "width_px",
        # Inference.
        "batch_size",
        "device",
        "engine",
        "model",
        "reason",
        # The process.
        "host",
        "library",
        "pid",
        "port",
        "target",
    }
)


def open_log(level: LogLevel, log_format: LogFormat, stream: TextIO) -> FilteringBoundLogger:
    """Opens a log that writes one line an event to ``stream``.

    Fields outside ``FIELDS`` are dropped; their names, not their values, appear as
    ``dropped_fields``. Fields that are None are left out. What people read has colours on a
    terminal, unless the variable NO_COLOR is set.
    """
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _keep_allowed_fields,
            _tell_exception,
            *_renderers(log_format, stream),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()
    return log


def forward_library_logs(log: FilteringBoundLogger) -> None:
    """Sends warnings and errors of libraries, Python's own warnings included, through ``log``.

    Of their texts only the part that stands in their code is written.
    """

    def show_warning(  # noqa: PLR0913, PLR0917  the hook's signature
        message: Warning | str,  # noqa: ARG001  may quote what it warns of
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG001
        line: str | None = None,  # noqa: ARG001
    ) -> None:
        place = f"{category.__name__} at {filename}:{lineno}"
        log.warning("library_message", library="py.warnings", detail=place)

    warnings.showwarning = show_warning
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryLogHandler(log)], force=True)


def _renderers(log_format: LogFormat, stream: TextIO) -> tuple[Processor, ...]:
    match log_format:
        case "auto":
            return _renderers("console" if stream.isatty() else "json", stream)
        case "json":
            return (structlog.processors.JSONRenderer(),)
        case "console":
            return (ConsoleLines(shows_colours(stream, os.environ)),)


class LibraryLogHandler(logging.Handler):
    """Writes what libraries log, of the texts only the part that stands in their code."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self._log.log(
            record.levelno,
            "library_message",
            library=record.name,
            # Without its arguments, which are values of this moment. asyncio has such in lines of
            # their own, below a first one that is always the same.
            detail=_first_line(record.msg),
            exc_info=record.exc_info,
        )


def _keep_allowed_fields(_log: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # `exc_info` is what `exception` is made of.
    allowed = FIELDS | {"exc_info"}
    kept = {name: event[name] for name in event if name in allowed and event[name] is not None}
    if dropped := sorted(event.keys() - allowed):
        kept["dropped_fields"] = dropped
    return kept


def _tell_exception(_log: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = told(error)
    return event


def _first_line(message: object) -> str:
    """Cuts a message; one that is no text, as an exception, is named by its kind alone."""
    if not isinstance(message, str):
        return type(message).__name__
    return message.partition("\n")[0]
