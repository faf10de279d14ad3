"""The request of the page as programs: copied, run, and answered with the same bytes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.contract.picture_host import PictureHost
from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.visit import PHOTOS, Visit
from tests.e2e.conftest import Mattebox

pytestmark = pytest.mark.e2e

# Everything that a shell, curl's own fields, or a literal could trip over.
NAME = """it's a "cup"; 50% $HOME.jpg"""
OUTPUT = """it's a "cup"; 50% $HOME-cut-out.webp"""
COLOUR = "rgb(255 204 0 / 50%)"
RUN = {"curl": "run.sh", "python": "run.py", "node": "run.mjs"}
INTERPRETERS = {"curl": "bash", "python": sys.executable, "node": "node"}


@pytest.fixture
def copied(open_page: OpenPage) -> Visit:
    for program in ("curl", "node"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return open_page(permissions=["clipboard-read", "clipboard-write"])


def copy_code(visit: Visit, language: str) -> str:
    visit.choose("language", language)
    visit.page.click("#copy-code")
    expect(visit.page.locator("#copy-code")).to_have_attribute("data-flash", "Copied")
    text: str = visit.page.evaluate("navigator.clipboard.readText()")
    return text


def run(code: str, language: str, folder: Path, key: str) -> None:
    (folder / RUN[language]).write_text(code)
    done = subprocess.run(
        [INTERPRETERS[language], RUN[language]],
        cwd=folder,
        env={**os.environ, "MATTEBOX_KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_code_does_what_the_page_has_done(
    copied: Visit, service: Mattebox, tmp_path: Path
) -> None:
    photo = (PHOTOS / "coffee.jpg").read_bytes()
    copied.pick({"name": NAME, "mimeType": "image/jpeg", "buffer": photo})
    copied.await_state("done")
    copied.choose("format", "webp")
    copied.page.fill("#bg-color", COLOUR)
    copied.await_sent(2)
    (tmp_path / NAME).write_bytes(photo)
    content, key = copied.download()[1], service.facts["api_key"]
    output = tmp_path / OUTPUT

    for language in RUN:
        code = copy_code(copied, language)
        run(code, language, tmp_path, key)

        assert "MATTEBOX_KEY" in code
        assert key not in code
        assert output.read_bytes() == content
        output.unlink()


def test_the_code_names_a_url_where_the_page_did(
    copied: Visit, service: Mattebox, pictures: PictureHost, tmp_path: Path
) -> None:
    copied.page.fill("#image-url", f"{pictures.url}/cup.jpg?size=1&of=2")
    copied.page.press("#image-url", "Enter")
    copied.await_state("done")
    name, content = copied.download()

    for language in RUN:
        run(copy_code(copied, language), language, tmp_path, service.facts["api_key"])

        assert (tmp_path / name).read_bytes() == content
        (tmp_path / name).unlink()


def test_before_any_picture_it_is_of_a_photo(visit: Visit, service: Mattebox) -> None:
    assert visit.page.locator("#code").inner_text().splitlines() == [
        'curl --fail-with-body -H "x-api-key: $MATTEBOX_KEY" \\',
        "  -F image_file=@photo.jpg \\",
        f"  -o photo-cut-out.png {service.facts['http']}/v2",
    ]
