"""Structured logs with an allow-list of fields: what is not named here is never written."""

import logging
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "console"]

FIELDS = frozenset(
    {
        "event",
        "exception",
        "level",
        "timestamp",
        # Who and what.
        "code",
        "detail",
        "key_fingerprint",
        "method",
        "key_id",
        "origin",
        "request_id",
        "route",
        "status",
        # How much and how long.
        "bytes_in",
        "bytes_out",
        "day",
        "duration_ms",
        "images",
        "pixels",
        "stages_ms",
        # Pictures.
        "channels",
        "format",
        "height_px",
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
    ``dropped_fields``. Fields that are None are left out.
    """
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _keep_allowed_fields,
            *_renderers(log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    ).bind()
    return log


def forward_library_logs(log: FilteringBoundLogger) -> None:
    """Sends warnings and errors of libraries, Python's own warnings included, through ``log``."""
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.WARNING, handlers=[_Forwarder(log)], force=True)


def _renderers(log_format: LogFormat) -> tuple[Processor, ...]:
    match log_format:
        case "json":
            return structlog.processors.format_exc_info, structlog.processors.JSONRenderer()
        case "console":
            # The default formatter of exceptions shows local variables: uploads and keys.
            plain = structlog.dev.plain_traceback
            return (structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain),)


class _Forwarder(logging.Handler):
    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.log(
            record.levelno,
            "library_message",
            library=record.name,
            detail=record.getMessage(),
            exc_info=record.exc_info,
        )


def _keep_allowed_fields(_log: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # `exc_info` is what the renderers make `exception` of.
    allowed = FIELDS | {"exc_info"}
    kept = {name: event[name] for name in event if name in allowed and event[name] is not None}
    if dropped := sorted(event.keys() - allowed):
        kept["dropped_fields"] = dropped
    return kept
