"""Every page of help has a purpose and examples, and the examples are right."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from environment import variable_names
from gateway.settings import GatewaySettings
from mattebox.cli import app
from mattebox.examples import examples, examples_in
from segmenter.settings import SegmenterSettings

ROOT = typer.main.get_command(app)
HEAVY = (
    *("aiohttp", "aiosqlite", "alembic", "asyncpg", "asyncio", "grpc", "httpx", "numpy", "onnx"),
    *("onnxruntime", "PIL", "pydantic_settings", "sqlalchemy", "tritonclient", "_mnncengine"),
)


def pages(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from pages(each, (*path, name))


PAGES = dict(pages(ROOT))
EXAMPLES = [(path, line) for path, page in PAGES.items() for line in examples_in(page.epilog)]


def called_by(line: str) -> list[str]:
    """The arguments of an example, as a shell would hand them on."""
    words = shlex.split(re.split("[<>|]", line, maxsplit=1)[0])
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    assert words[0] == "mattebox"
    return words[1:]


def test_all_commands_are_walked() -> None:
    assert {path[0] for path in PAGES if path} >= {
        *("up", "remove", "doctor", "models", "accounts", "keys", "plans"),
    }
    assert ("keys", "usage") in PAGES


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
def test_each_page_has_a_purpose_in_a_line_and_examples(path: tuple[str, ...]) -> None:
    page = PAGES[path]
    purpose = (page.help or "").split("\n\n")[0]

    assert re.fullmatch(r"[A-Z].{10,160}\.", purpose.replace("\n", " ")), purpose
    assert 2 <= len(examples_in(page.epilog)) <= 4


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_each_page_is_shown_and_shows_its_examples(path: tuple[str, ...], flag: str) -> None:
    result = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [*path, flag])

    assert result.exit_code == 0, result.output
    for line in examples_in(PAGES[path].epilog):
        assert line in result.output


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
def test_each_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    for parameter in PAGES[path].params:
        assert parameter.help, f"{path} {parameter.name}"


@pytest.mark.parametrize("path", PAGES, ids=" ".join)
def test_many_options_are_in_groups(path: tuple[str, ...]) -> None:
    options = [each for each in PAGES[path].params if each.param_type_name == "option"]
    panels = {each.rich_help_panel for each in options}

    assert len(options) <= 7 or len(panels) >= 3


@pytest.mark.parametrize(("path", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_each_example_is_one_that_the_command_takes(
    path: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = called_by(line)
    if arguments == ["--install-completion"]:
        return  # it would write to this user's files
    root = typer.main.get_command(app)
    called: list[tuple[str, ...]] = []
    for where, command in pages(root):
        if not hasattr(command, "commands"):
            monkeypatch.setattr(command, "callback", lambda where=where, **_: called.append(where))

    root.main(arguments, standalone_mode=False)

    (where,) = called
    assert where[: len(path)] == path  # an example of another command would not explain this one


def test_an_example_with_a_wrong_option_would_be_noticed() -> None:
    root = typer.main.get_command(app)

    with pytest.raises(Exception, match="No such option: --prot"):
        root.main(called_by("mattebox up --prot 9000"), standalone_mode=False)


def test_what_is_laid_out_is_read_back() -> None:
    lines = ["mattebox up", "mattebox up --port 0"]

    assert examples_in(examples(*lines, note="A note.\nOf two lines.")) == lines
    assert examples_in(examples(*lines)) == lines
    assert examples_in("no heading") == []
    assert examples_in(None) == []


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"_MATTEBOX_COMPLETE": "complete_bash", "COMP_WORDS": "mattebox mod", "COMP_CWORD": "1"},
    ],
    ids=["help", "completion"],
)
def test_help_and_completion_import_nothing_heavy(variables: dict[str, str]) -> None:
    program = (
        "import sys, atexit\n"
        f"heavy = {HEAVY!r}\n"
        "atexit.register(lambda: print(sorted(sys.modules.keys() & set(heavy)), file=sys.stderr))\n"
        "sys.argv = ['mattebox', '--help']\n"
        "from mattebox.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "models" in done.stdout, done.stderr
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("program", ["mattebox-gateway", "mattebox-segmenter"])
def test_the_services_say_what_they_are_and_where_their_settings_are(program: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name(program), "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )

    assert done.returncode == 0, done.stderr
    known = variable_names(GatewaySettings) | variable_names(SegmenterSettings)
    examples_part = done.stdout.partition("Examples:")[2]
    assert set(re.findall(r"[A-Z_]{6,}(?==)", examples_part)) <= known
    for told in ("docs/settings.md", "Exit codes:", "Examples:", f"{program}\n", "MATTEBOX_"):
        assert told in done.stdout
    assert re.search(r"^  2 +\w", done.stdout, re.MULTILINE)
