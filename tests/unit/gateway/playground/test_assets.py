import hashlib

from gateway.playground.assets import packaged_assets
from tests.conftest import ROOT

STATIC = ROOT / "services" / "gateway" / "playground" / "static"
TYPES = {
    "page.css": ("text/css", "utf-8"),
    "index.html": ("text/html", "utf-8"),
    "app.js": ("text/javascript", "utf-8"),
    "icon.svg": ("image/svg+xml", None),
    "samples/coffee.jpg": ("image/jpeg", None),
}


def test_every_file_of_the_folder_is_one_and_nothing_else() -> None:
    files = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*")}
    packaged = packaged_assets()

    assert packaged.keys() == {name for name, path in files.items() if path.is_file()}
    assert all(asset.body == files[name].read_bytes() for name, asset in packaged.items())


def test_each_has_the_type_of_its_kind() -> None:
    packaged = packaged_assets()

    assert {name: (packaged[name].content_type, packaged[name].charset) for name in TYPES} == TYPES


def test_a_tag_names_the_content() -> None:
    packaged = packaged_assets()

    assert len({asset.tag for asset in packaged.values()}) == len(packaged)
    for asset in packaged.values():
        assert hashlib.sha256(asset.body).hexdigest().startswith(asset.tag)
