"""Lines of a log for people: what happened first, the most telling fields next, and in columns."""

from collections.abc import Iterator, Mapping
from typing import TextIO

from structlog.typing import EventDict, WrappedLogger

_RESET, _BOLD, _DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
_RED, _GREEN, _YELLOW, _CYAN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"

_OF_LEVELS = {"debug": _DIM, "info": _GREEN, "warning": _YELLOW, "error": _RED, "critical": _RED}
_LEVEL_WIDTH, _EVENT_WIDTH = 7, 16

_TIME = slice(11, 23)
"""Of an ISO timestamp: the time of the day, to thousandths of a second."""

_ID_LETTERS = 8
"""Of a request id, its last ones: the first ones of neighbours are alike."""

_TELLING = (
    "status",
    "code",
    "reason",
    "duration_ms",
    "method",
    "route",
    "detail",
    "model",
    "batch_size",
    "stages_ms",
    "key_fingerprint",
    "dialect",
)
"""Fields that stand before all others, in this order."""

_SIZES = {
    "picture": ("format", "width_px", "height_px"),
    "input": ("input_format", "input_width_px", "input_height_px"),
}
"""Fields that are told together, as in ``picture=png 640x480``."""


def shows_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tells whether to colour what is written: to terminals, or where FORCE_COLOR asks for it.

    The variable NO_COLOR forbids it, and so does a FORCE_COLOR of 0.
    """
    forced = environment.get("FORCE_COLOR")
    if environment.get("NO_COLOR") or forced == "0":
        return False
    return stream.isatty() or bool(forced)


class ConsoleLines:
    """Renders an event as one line; below it, the places of an exception."""

    def __init__(self, colours: bool) -> None:
        self._colours = colours

    def __call__(self, _log: WrappedLogger, _method: str, event: EventDict) -> str:
        """Is a processor of structlog."""
        level, exception = str(event.pop("level", "")), event.pop("exception", None)
        time = str(event.pop("timestamp", ""))[_TIME]
        name = str(event.pop("event", ""))
        request_id = str(event.pop("request_id", ""))[-_ID_LETTERS:]
        line = [
            self._in(_DIM, time),
            self._in(_OF_LEVELS.get(level, ""), f"{level:<{_LEVEL_WIDTH}}"),
            self._in(_BOLD, f"{name:<{_EVENT_WIDTH}}"),
            self._in(_DIM, f"{request_id:<{_ID_LETTERS}}"),
            *(f"{self._in(_CYAN, name)}={value}" for name, value in _told(event)),
        ]
        text = " ".join(line).rstrip()
        return f"{text}\n{exception}" if exception is not None else text

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_RESET}" if self._colours and text.strip() else text


def _told(event: EventDict) -> Iterator[tuple[str, str]]:
    for name in _TELLING:
        if name in event:
            yield name.removesuffix("_ms"), _value(name, event.pop(name))
    for name, parts in _SIZES.items():
        if size := _size(*(event.pop(part, None) for part in parts)):
            yield name, size
    for name in sorted(event):
        yield name, _value(name, event[name])


def _size(kind: object, width_px: object, height_px: object) -> str:
    sides = f"{width_px}x{height_px}" if width_px is not None and height_px is not None else None
    return " ".join(str(part) for part in (kind, sides) if part is not None)


def _value(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{part}:{_value(part, told)}" for part, told in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    if isinstance(value, str):
        # A line is one line, and nothing in it moves a cursor.
        return value if value.isprintable() and " " not in value else repr(value)
    return f"{value}ms" if name.endswith("_ms") else str(value)
