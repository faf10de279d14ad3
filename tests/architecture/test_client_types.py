"""Programs that use `mattebox.client` can be checked as strictly as Mattebox itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAM = """
from pathlib import Path
from typing import assert_type

from mattebox.client import Account, ApiError, AsyncClient, Client, CutOut, Options
from mattebox.client.grpc import AsyncSegmenter, Segmenter

with Client("http://127.0.0.1:8080", "key") as client:
    assert_type(client.remove(Path("cup.jpg"), Options(crop=True), format="webp"), CutOut)
    assert_type(client.account(), Account)
    client.remove("cup.jpg")  # type: ignore[arg-type]
    client.remove(b"image", format="psd")  # type: ignore[arg-type]
    client.remove(b"image", colour="red")  # type: ignore[call-arg]

async def main() -> None:
    async with AsyncClient.from_environment() as client, AsyncSegmenter() as segmenter:
        assert_type(await client.remove(b"image", size="hd"), CutOut)
        assert_type(await segmenter.remove(b"image", bg_color=None), CutOut)

for name, outcome in Segmenter().remove_many([("cup", b"image")]):
    assert_type(outcome, CutOut | ApiError)
"""


@pytest.mark.slow
def test_programs_of_users_and_of_the_page_are_checked_with_the_packages_own_types(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "clients.md").read_text()
    shown = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    programs = [tmp_path / f"program_{number}.py" for number in range(1 + len(shown))]
    for path, program in zip(programs, [PROGRAM, *shown], strict=True):
        path.write_text(program)
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nstrict = true\nwarn_unused_ignores = true\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), *map(str, programs)]
    # The installed package is a folder of sources here, which mypy finds as it finds a wheel.
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
