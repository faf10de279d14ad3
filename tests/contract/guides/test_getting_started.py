"""The first programs that a reader writes give the cut-out that they promise."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, opened
from tests.contract.guides.programs import Programs

pytestmark = pytest.mark.e2e

PHOTO = ROOT / "tests" / "data" / "coffee.jpg"


@pytest.mark.parametrize("name", ["first.py", "first.mjs"])
def test_a_first_program_writes_a_cut_out(service: Client, tmp_path: Path, name: str) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    told = Programs.of("../getting-started", tmp_path, service).said(name)

    wanted = service.post_file(PHOTO.read_bytes(), {"format": "webp", "crop": "true"})
    made = (tmp_path / "cup.webp").read_bytes()
    assert made == wanted.body
    width_px, height_px = opened(made, "WEBP").size
    assert told.startswith(f"{width_px} x {height_px}")
