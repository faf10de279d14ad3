"""The guide to `mattebox remove` leaves nothing out; tests/e2e/test_api_page.py runs it."""

import re

import pytest
import typer.main

from mattebox.cli import app
from mattebox.remove.sources import IMAGE_SUFFIXES
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "command-line.md").read_text()


def options() -> set[str]:
    """The long options of the command."""
    command = typer.main.get_command(app).commands["remove"]  # type: ignore[attr-defined]  # a group
    names = {name for parameter in command.params for name in parameter.opts}
    return {name for name in names if name.startswith("--")}


def test_every_option_is_told_and_no_other(page: str) -> None:
    commands = re.findall(r"mattebox remove [^\n]*", page)
    named = set(re.findall(r"`(--[a-z-]+)", page)) | set(
        re.findall(r"(?<!\S)--[a-z-]+", " ".join(commands))
    )

    assert named == options()


def test_every_ending_of_a_picture_is_told(page: str) -> None:
    (told,) = re.findall(r"these count as pictures: (.+?), in any case", page, re.DOTALL)

    assert set(re.findall(r"`(\.\w+)`", told)) == IMAGE_SUFFIXES
