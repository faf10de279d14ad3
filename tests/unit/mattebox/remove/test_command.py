"""The command line of `mattebox remove`, up to the point at which pictures would be cut out."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mattebox.cli import app
from mattebox.remove import run as running
from mattebox.remove.errors import UsageError
from mattebox.remove.request import Request

HEAVY = ("httpx", "grpc", "rich.progress", "mattebox.client", "mattebox.up.kept_process")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Takes requests, and does nothing."""
    requests: list[Request] = []

    def run(request: Request) -> int:
        requests.append(request)
        return 7

    monkeypatch.setattr(running, "run", run)
    return requests


def remove(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["remove", *arguments])


def test_what_is_not_given_is_left_open(asked: list[Request]) -> None:
    result = remove("a.jpg", "p")

    assert result.exit_code == 7
    assert asked == [Request(paths=("a.jpg", "p"))]


def test_every_option_is_handed_on(asked: list[Request]) -> None:
    options = "--out o --format webp --size hd --channels alpha --crop --bg-color teal --despill"
    options += " --url u --key k --grpc g --model m --model-repository r"
    options += " --jobs 3 --resume --overwrite --quiet --json"

    remove("-", *options.split())

    assert asked == [
        Request(
            paths=("-",),
            out="o",
            format="webp",
            size="hd",
            channels="alpha",
            crop=True,
            bg_color="teal",
            despill=True,
            url="u",
            key="k",
            grpc="g",
            model="m",
            model_repository=Path("r"),
            jobs=3,
            resume=True,
            overwrite=True,
            quiet=True,
            as_json=True,
        )
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["none.jpg"],
        ["a", "--jobs", "0"],
        ["a", "--format", "xcf"],
        ["a", "--size", "tiny"],
        [".", "--out", "-"],
        [".", "--url", "u", "--grpc", "g"],
        [str(Path(__file__)), "--url", "not a url"],
        [str(Path(__file__)), "--url", "http://a", "--key", "a key\n"],
    ],
)
def test_what_makes_no_sense_is_wrong_usage(arguments: list[str]) -> None:
    result = remove(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.search("Error|mattebox: ", result.stderr)


def test_a_cut_out_does_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(UsageError, match="nothing for a terminal"):
        running.run(Request(paths=(__file__,), out="-"))


def test_a_package_that_is_missing_is_named_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "mattebox.remove.run")
    monkeypatch.setitem(sys.modules, "mattebox.remove.run", None)

    result = remove("a.jpg")

    assert result.exit_code == 1
    assert "pip install '.[client]'" in result.stderr


def test_ctrl_c_before_anything_has_begun_ends_as_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_request: Request) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run", run)

    assert remove("a.jpg").exit_code == 130


def test_nothing_heavy_is_loaded_for_help() -> None:
    program = f"import sys, mattebox.cli; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", program]

    assert subprocess.run(command, capture_output=True, check=True).stdout == b"[]\n"
