"""The guide to the API shows what a running Mattebox really answers."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs_scripts import docs_script
from tests.running_service import running_service

pytestmark = pytest.mark.e2e

CURL_WITH_HEADERS_AS_VARIABLES = (7, 84)


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


def test_every_command_of_the_page_prints_what_stands_under_it(
    maker: ModuleType, around: Any
) -> None:
    page = maker.PAGE.read_text()
    assert maker.rewritten(page, around) == page, "run: python docs/make_api.py"


def test_a_command_that_fails_is_not_taken_for_an_answer(maker: ModuleType, around: Any) -> None:
    with pytest.raises(maker.CommandError, match="no such thing"):
        maker.run(["echo fine", "echo no such thing; false"], around)
    with pytest.raises(maker.CommandError, match="the shell"):
        maker.run(["exit 0"], around)
