"""The programs in docs/clients.md run as they stand there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mattebox.client.api_errors import BY_CODE
from tests.conftest import ROOT
from tests.contract.client import Client, opened

pytestmark = pytest.mark.e2e

PAGE = (ROOT / "docs" / "clients.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

WRITTEN = {"cut-out.webp", "catalogue.jpg", "preview.jpg", "cut-out.png", "blue.png", "notes.txt"}


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, service: Client, facts: dict[str, Any]
) -> Path:
    """Where all programs of the page have run, and what each has printed."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(ROOT / "tests" / "data" / "coffee.jpg", folder / "photo.jpg")
    names = {
        "MATTEBOX_URL": service.url,
        "MATTEBOX_KEY": service.key,
        "MATTEBOX_GRPC": facts["grpc"],
    }
    for number, program in enumerate(PROGRAMS):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=folder,
            env=names,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, f"{program}\n{done.stderr}"
        (folder / f"{number}.printed").write_text(done.stdout)
    return folder


def test_the_programs_do_what_the_page_says(folder: Path) -> None:
    files = {path.name for path in folder.iterdir() if path.suffix != ".printed"}
    printed = "".join(path.read_text() for path in sorted(folder.glob("*.printed")))

    assert len(PROGRAMS) == 7
    assert files == WRITTEN | {"photo.jpg"}
    for name in WRITTEN - {"notes.txt"}:
        opened((folder / name).read_bytes())
    assert " True req_" in printed
    assert "not an image: " in printed
    assert printed.count("photo.jpg 600") == 2
    assert "secret" not in printed


def test_the_table_of_errors_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+Error)` \| (yes)? *\|$", PAGE, re.MULTILINE)

    assert {(code, name) for code, name, _ in rows} == {
        (code, kind.__name__) for code, kind in BY_CODE.items()
    }
    assert {code for code, _, passes in rows if passes} == {
        code for code, kind in BY_CODE.items() if kind("why").may_pass
    }
