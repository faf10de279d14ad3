import asyncio
import gc
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from telemetry.logs import FIELDS, LogFormat, LogLevel, forward_library_logs, open_log


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def library_logs(stream: io.StringIO) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    with warnings.catch_warnings():
        forward_library_logs(open_log("info", "json", stream))
        yield logging.getLogger("some.library")
    root.handlers = handlers
    root.setLevel(level)


def test_a_line_is_an_event_with_its_fields_level_and_time(stream: io.StringIO) -> None:
    open_log("info", "json", stream).info("request", status=200, route="/v2")

    (line,) = _lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "request", "level": "info", "status": 200, "route": "/v2"}


def test_bound_fields_stand_in_every_line(stream: io.StringIO) -> None:
    log = open_log("info", "json", stream).bind(request_id="r")
    log.info("one")
    log.info("two")

    assert [line["request_id"] for line in _lines(stream)] == ["r", "r"]


def test_fields_that_are_not_allowed_are_named_without_their_values(stream: io.StringIO) -> None:
    open_log("info", "json", stream).info("request", status=1, key="secret", body=b"secret")

    (line,) = _lines(stream)
    assert line["dropped_fields"] == ["body", "key"]
    assert "secret" not in stream.getvalue()


def test_fields_that_are_none_are_left_out(stream: io.StringIO) -> None:
    open_log("info", "json", stream).info("request", status=None)

    assert "status" not in _lines(stream)[0]
    assert "dropped_fields" not in _lines(stream)[0]


@pytest.mark.parametrize(
    ("level", "events"),
    [("debug", "abc"), ("info", "bc"), ("warning", "c"), ("error", "")],
)
def test_less_important_events_are_not_written(
    stream: io.StringIO, level: LogLevel, events: str
) -> None:
    log = open_log(level, "json", stream)
    log.debug("a")
    log.info("b")
    log.warning("c")

    assert "".join(line["event"] for line in _lines(stream)) == events


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_is_told_with_its_place_but_neither_its_text_nor_local_variables(
    stream: io.StringIO, log_format: LogFormat
) -> None:
    secret = f"canary {log_format}"
    try:
        int(secret)
    except ValueError:
        open_log("info", log_format, stream).exception("failed")

    assert "ValueError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert secret not in stream.getvalue()


def test_the_console_format_is_for_people(stream: io.StringIO) -> None:
    open_log("info", "console", stream).info("listening", port=8080)

    assert "listening" in stream.getvalue()
    assert "port=8080" in stream.getvalue()
    assert "{" not in stream.getvalue()


def test_warnings_of_libraries_come_through_with_their_source(
    stream: io.StringIO, library_logs: logging.Logger
) -> None:
    library_logs.info("not written")
    library_logs.warning("a %s warning", "secret")

    (line,) = _lines(stream)
    assert (line["event"], line["level"]) == ("library_message", "warning")
    assert (line["library"], line["detail"]) == ("some.library", "a %s warning")
    assert "secret" not in stream.getvalue()


def test_exceptions_of_libraries_come_through(
    stream: io.StringIO, library_logs: logging.Logger
) -> None:
    try:
        int("")
    except ValueError:
        library_logs.exception("it failed")

    (line,) = _lines(stream)
    assert line["level"] == "error"
    assert line["exception"].endswith("\nValueError")
    assert "literal" not in stream.getvalue()


@pytest.mark.usefixtures("library_logs")
async def test_what_asyncio_tells_of_tasks_is_told_without_their_results(
    stream: io.StringIO,
) -> None:
    text = "canary"

    async def fail() -> None:
        raise ValueError(text)

    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    del task
    gc.collect()

    (line,) = _lines(stream)
    assert (line["library"], line["detail"]) == ("asyncio", "Task exception was never retrieved")
    assert line["exception"].endswith("\nValueError")
    assert text not in stream.getvalue()


def test_warnings_of_python_come_through_with_their_place(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        forward_library_logs(open_log("info", "json", stream))
        warnings.warn("old secret", DeprecationWarning, stacklevel=1)

    (line,) = _lines(stream)
    assert line["library"] == "py.warnings"
    assert line["detail"].startswith("DeprecationWarning at ")
    assert "test_logs.py:" in line["detail"]
    assert "secret" not in stream.getvalue()


def test_nothing_that_could_hold_an_upload_is_allowed() -> None:
    assert not FIELDS & {"body", "image", "headers", "url", "path", "key", "filename", "query"}


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]
