"""No program of a guide, or of the first steps, goes without a test that runs it."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

from mattebox.cli import app
from tests.conftest import ROOT
from tests.contract.guides.programs import FOLDER, blocks

EXAMPLES_TESTS = Path(__file__).parents[1] / "test_examples.py"
FIRST = "../getting-started"
PAGES = [FIRST, *sorted(path.stem for path in FOLDER.glob("*.md"))]
RUN = {
    FIRST: {"first.py", "first.mjs"},
    "python-backend": {"shop.py"},
    "node-backend": {"examples/node_backend.mjs"},
    "queue-worker": {"worker.py"},
    "object-storage": {"presigned.py", "pipeline.py"},
    "mask-compositing": {"many_backgrounds.py", "portrait.py"},
    "low-code-http": {"mattebox-node.json", "request.json"},
}
"""What the tests beside this one run, or send; tests/contract/test_examples.py runs examples."""


@pytest.mark.parametrize("page", PAGES)
def test_every_program_of_a_page_is_run(page: str) -> None:
    assert set(blocks(page)) == RUN.get(page, set())
    text = (FOLDER / f"{page}.md").read_text()
    # A program without a name would be run by nobody; `sh` is for what a reader types, and
    # tests/e2e/test_api_page.py runs what stands in `console`.
    assert set(re.findall(r"^```(\w+)$", text, re.MULTILINE)) <= {"sh", "console"}


@pytest.mark.parametrize("page", PAGES)
def test_an_example_stands_on_a_page_as_it_is(page: str) -> None:
    for name, content in blocks(page).items():
        if name.startswith("examples/"):
            assert content == (ROOT / name).read_text(), name
            assert Path(name).name in EXAMPLES_TESTS.read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_reached_from_the_first_one(page: str) -> None:
    assert page == "README" or f"({page}.md)" in (FOLDER / "README.md").read_text()
    assert page == FIRST or "(guides/README.md)" in (FOLDER / f"{FIRST}.md").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_what_a_reader_types_is_a_command(page: str) -> None:
    text = (FOLDER / f"{page}.md").read_text()
    typed = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    subprocess.run(["bash", "-n"], input=typed, text=True, check=True)  # noqa: S607 - the system's
    for name, arguments in re.findall(
        r"^    (?:\S+=\S+ )?(?:\S*python|node) (\S+)(.*)$", text, re.MULTILINE
    ):
        assert name in RUN[page], arguments


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_mattebox_exist(page: str) -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    text = (FOLDER / f"{page}.md").read_text()
    assert {*re.findall(r"`mattebox (\w+)", text)} <= {*commands, "remove"}
