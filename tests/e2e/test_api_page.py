"""The pages with commands show what a running Mattebox really answers."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs_scripts import docs_script
from tests.running_service import running_service

pytestmark = pytest.mark.e2e

DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    DOCS / "api.md",
    DOCS / "command-line.md",
    DOCS / "getting-started.md",
    *sorted((DOCS / "migrate").glob("*.md")),
]

CURL_WITH_HEADERS_AS_VARIABLES = (7, 84)

SIZE = re.compile(r'(\d+)( x |, "height": )(\d+)')
CROP_WITHIN_PX = 4


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return docs_script("make_api")


@pytest.fixture(scope="module")
def around(
    maker: ModuleType, tmp_path_factory: pytest.TempPathFactory, model_repository: Path
) -> Iterator[Any]:
    """What the page's commands need: a service that may fetch the pictures beside it."""
    folder = tmp_path_factory.mktemp("up")
    with (
        maker.pictures() as port,
        running_service(folder, model_repository, "auto", maker.fetch_settings(port)) as running,
    ):
        url = f"http://127.0.0.1:{port}"
        yield maker.surroundings(running.facts, running.state_dir, url)


@pytest.fixture(scope="module", autouse=True)
def _curl() -> None:
    """Skips where the page's commands cannot run."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    said = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"curl (\d+)\.(\d+)", said)
    assert version is not None
    if tuple(map(int, version.groups())) < CURL_WITH_HEADERS_AS_VARIABLES:
        pytest.skip(f"too old for %header{{…}}: {said.splitlines()[0]}")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_command_of_a_page_prints_what_stands_under_it(
    maker: ModuleType, around: Any, path: Path
) -> None:
    page = path.read_text()
    printed = with_the_crop_of(page, maker.rewritten(page, around))
    assert printed == page, "run: python docs/make_api.py"


def test_these_are_the_pages_that_are_written_anew(maker: ModuleType) -> None:
    assert list(maker.PAGES) == PAGES


def with_the_crop_of(page: str, printed: str) -> str:
    """Puts the cropped size that a page tells in place of one that is a few pixels off.

    Where the faintest edge of a matte ends depends a little on the processor's arithmetic.
    """
    sections = re.findall(r"^### `crop`\n(.*?)^##", page, re.MULTILINE | re.DOTALL)
    if not sections:
        return printed
    (told,) = SIZE.findall(sections[0])

    def as_told(found: re.Match[str]) -> str:
        sides = zip((found[1], found[3]), (told[0], told[2]), strict=True)
        off_px = max(abs(int(side) - int(side_told)) for side, side_told in sides)
        return f"{told[0]}{found[2]}{told[2]}" if off_px <= CROP_WITHIN_PX else found[0]

    return SIZE.sub(as_told, printed)


def test_only_a_crop_may_be_off_and_by_a_few_pixels_only() -> None:
    page = "### `crop`\n200 image/png, 408 x 375\n## Next\n"
    for printed, read in [
        ('"width": 409, "height": 371', '"width": 408, "height": 375'),
        ("412 x 375", "408 x 375"),
        ("413 x 375", "413 x 375"),
        ("600 x 400", "600 x 400"),
    ]:
        assert with_the_crop_of(page, printed) == read


def test_a_command_that_fails_is_not_taken_for_an_answer(maker: ModuleType, around: Any) -> None:
    with pytest.raises(maker.CommandError, match="no such thing"):
        maker.run(["echo fine", "echo no such thing; false"], around)
    with pytest.raises(maker.CommandError, match="the shell"):
        maker.run(["exit 0"], around)
