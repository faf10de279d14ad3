"""Logs for people, on a terminal and elsewhere."""

import io
import os
import pty
import re
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from telemetry.console_lines import shows_colours
from telemetry.logs import LogFormat, open_log

COLOUR = re.compile(r"\x1b\[\d+m")
REQUEST: dict[str, object] = {
    "bytes_in": 7,
    "dialect": "v2",
    "request_id": "req_019df00000000000000000000abcd1234",
    "route": "/v2",
    "duration_ms": 12.5,
    "status": 200,
    "code": "ok",
    "format": "png",
    "width_px": 640,
    "height_px": 480,
    "stages_ms": {"upload": 1.5, "infer": 8.25},
}


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The near end of a terminal, and the far one to write to."""
    near, far = pty.openpty()
    with os.fdopen(far, "w", buffering=1) as stream:
        yield near, stream
    os.close(near)


def shown(terminal: tuple[int, TextIO], log_format: LogFormat) -> str:
    near, stream = terminal
    open_log("info", log_format, stream).info("request", **REQUEST)
    return os.read(near, 4096).decode()


@pytest.mark.parametrize("log_format", ["auto", "console"])
def test_on_a_terminal_a_line_has_colours_and_the_most_telling_fields_first(
    terminal: tuple[int, TextIO], log_format: LogFormat
) -> None:
    text = shown(terminal, log_format)

    assert COLOUR.search(text)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3} info    request          abcd1234 status=200 code=ok"
        r" duration=12\.5ms route=/v2 stages=upload:1\.5,infer:8\.25 dialect=v2"
        r" picture=png 640x480 bytes_in=7",
        COLOUR.sub("", text).strip(),
    )


@pytest.mark.parametrize("log_format", ["auto", "console"])
def test_whoever_wants_no_colours_gets_none(
    terminal: tuple[int, TextIO], log_format: LogFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    text = shown(terminal, log_format)

    assert "status=200" in text
    assert "\x1b" not in text


def test_json_stays_json_on_a_terminal(terminal: tuple[int, TextIO]) -> None:
    assert shown(terminal, "json").startswith('{"')


@pytest.mark.parametrize(("log_format", "begin"), [("auto", '{"'), ("json", '{"')])
def test_elsewhere_it_is_for_machines(log_format: LogFormat, begin: str) -> None:
    stream = io.StringIO()
    open_log("info", log_format, stream).info("request", **REQUEST)

    assert stream.getvalue().startswith(begin)


def test_console_elsewhere_has_no_colours() -> None:
    stream = io.StringIO()
    open_log("info", "console", stream).info("request", **REQUEST)

    assert "status=200" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_colours_can_be_asked_for_where_lines_are_handed_on_to_a_terminal() -> None:
    assert shows_colours(io.StringIO(), {"FORCE_COLOR": "1"})
    assert not shows_colours(io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert not shows_colours(io.StringIO(), {"FORCE_COLOR": "0"})
    assert not shows_colours(io.StringIO(), {})


def test_columns_stand_below_each_other() -> None:
    stream = io.StringIO()
    log = open_log("debug", "console", stream)
    log.debug("short", request_id="a" * 40, code="ok")
    log.warning("engine_not_ready", request_id="b" * 8, code="ok")
    log.info("listening", code="ok")

    assert {line.index("code=") for line in stream.getvalue().splitlines()} == {47}


def test_a_line_is_one_line_whatever_is_told() -> None:
    stream = io.StringIO()
    open_log("info", "console", stream).info("request", detail="two\nlines\x1b[2J", code="a b")

    (line,) = stream.getvalue().splitlines()
    assert r"detail='two\nlines\x1b[2J'" in line
    assert "code='a b'" in line


def test_an_exception_stands_below_its_line() -> None:
    stream, words = io.StringIO(), "se" + "cret"
    try:
        sys.exit(words)
    except SystemExit:
        open_log("info", "console", stream).exception("failed", request_id="r")

    first, second, *_ = stream.getvalue().splitlines()
    assert "failed" in first
    assert second.startswith("Traceback")
    assert "secret" not in stream.getvalue()
