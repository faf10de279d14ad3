"""What the guides to moving here tell of fields and of clients is what happens."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, Reply
from tests.contract.dialects.spoken import SPOKEN
from tests.contract.picture_host import PictureHost
from tests.contract.real_clients.running import BIN, ClientRunner

pytestmark = pytest.mark.e2e

FOLDER = ROOT / "docs" / "migrate"
PICTURE = "tests/data/coffee.jpg"
NAMED_SOURCES = {"image_url", "image_id"}.union(*(spoken.sources for spoken in SPOKEN.values()))
PRINTED_URL = "http://127.0.0.1:8080"
ROW = r"^\| `(.+?)` \| `(.+?)` \| (.+?) \|"
NAMED_IN = {"ignored": "X-Ignored-Fields", "approximated": "X-Approximated-Fields"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a page's table of fields."""

    page: str
    field: str
    example: str
    here: str

    def __str__(self) -> str:
        return f"{self.page}-{self.example}"

    @property
    def pairs(self) -> dict[str, str]:
        """The fields to send; the picture is among them."""
        spoken = SPOKEN[self.page]
        pairs = dict(pair.split("=", 1) for pair in self.example.split("&"))
        if not NAMED_SOURCES & pairs.keys():
            pairs[spoken.file_field] = f"@{PICTURE}"
        return pairs


def rows() -> Iterator[Row]:
    for page in SPOKEN:
        text = (FOLDER / f"{page}.md").read_text()
        for field, example, here in re.findall(ROW, text, re.MULTILINE):
            yield Row(page, field, example, here)


ROWS = [*rows()]


@pytest.fixture(scope="module")
def pictures_url(host: PictureHost) -> str:
    for name in ("coffee.jpg", "rocket.jpg"):
        host.pages[f"/{name}"] = (ROOT / "tests" / "data" / name).read_bytes()
    return host.url


def sent(service: Client, row: Row, pictures_url: str) -> Reply:
    spoken = SPOKEN[row.page]
    parts: list[tuple[str, tuple[str | None, bytes | str]]] = []
    for name, value in row.pairs.items():
        match value[:1]:
            case "@":
                path = ROOT / value[1:]
                parts.append((name, (path.name, path.read_bytes())))
            case "<":
                text = base64.b64encode((ROOT / value[1:]).read_bytes()).decode()
                parts.append((name, (None, text)))
            case _:
                parts.append((name, (None, value.replace("$PICTURES_URL", pictures_url))))
    headers = {spoken.key_header: service.key}
    return service.ask("POST", spoken.path, key=None, headers=headers, files=parts)


def check(row: Row, reply: Reply) -> None:
    """Compares an answer with what the row says of the field."""
    assert reply.status == (int(row.here) if row.here.isdecimal() else 200), reply.body[:500]
    named = {
        told: row.field.lower() in re.split(r",\s*", reply.headers.get(header, "").lower())
        for told, header in NAMED_IN.items()
    }
    assert named == {told: told == row.here for told in NAMED_IN}


@pytest.mark.parametrize("page", SPOKEN)
def test_every_page_has_a_table_of_fields(page: str) -> None:
    assert len([row for row in ROWS if row.page == page]) > 5


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_field_does_what_its_row_tells(service: Client, pictures_url: str, row: Row) -> None:
    assert row.field in row.pairs
    check(row, sent(service, row, pictures_url))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("row", [row for row in ROWS if row.page == "rembg"][1:], ids=str)
def test_the_query_of_rembg_has_the_same_fields(
    service: Client, pictures_url: str, row: Row, method: str
) -> None:
    query = row.pairs
    file = (ROOT / query.pop("file")[1:]).read_bytes()
    if method == "GET":
        reply = service.get(
            SPOKEN["rembg"].path, params=query | {"url": f"{pictures_url}/coffee.jpg"}
        )
    else:
        reply = service.ask(
            "POST", SPOKEN["rembg"].path, params=query, files={"file": ("photo", file)}
        )
    check(row, reply)


PROGRAMS = [
    (page, program)
    for page in SPOKEN
    for program in re.findall(
        r"^```python\n(.*?)^```", (FOLDER / f"{page}.md").read_text(), re.MULTILINE | re.DOTALL
    )
]
USE = {
    "removebg.removebg": "import sys\n"
    "removebg.removebg.RemoveBg(sys.argv[1], 'log').remove_background_from_img_file('photo.jpg')",
    "remove_bg_api": "import sys\nremove_bg_api.RemoveBg(sys.argv[1]).remove_bg_file('photo.jpg')",
    "pyclipdrop": "client.remove_background('photo.jpg')",
}
"""What goes on after the lines on the page, by the module that these import first."""


@pytest.mark.parametrize(("page", "program"), PROGRAMS, ids=lambda value: value.split("\n")[0])
def test_what_a_page_tells_of_a_client_works(
    service: Client, tmp_path: Path, page: str, program: str
) -> None:
    if not (BIN.parent / ".ready").exists():
        pytest.skip("the clients are not set up: make .venv-clients/.ready")
    (tmp_path / "photo.jpg").write_bytes((ROOT / PICTURE).read_bytes())
    assert PRINTED_URL in program
    (module,) = re.findall(r"^(?:import|from) (\S+)", program)
    here = program.replace(PRINTED_URL, service.url).replace("mb_live_…", service.key)
    finished = ClientRunner(service.url, tmp_path).code(f"{here}\n{USE[module]}", service.key)
    assert finished.exit_status == 0, finished.errors
    assert finished.exchanges[-1].url == service.url + SPOKEN[page].path
    assert set(finished.statuses) == {200}
