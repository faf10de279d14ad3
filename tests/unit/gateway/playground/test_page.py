"""The page is whole, small, and nobody else's: all it names is packaged, nothing is outside."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from gateway.playground.assets import packaged_assets

ASSETS = packaged_assets()
HTML = ASSETS["index.html"].body.decode()
SCRIPTS = {name: asset.body.decode() for name, asset in ASSETS.items() if name.endswith(".js")}
STYLES = {name: asset.body.decode() for name, asset in ASSETS.items() if name.endswith(".css")}
SAMPLES = {name for name in ASSETS if name.startswith("samples/")}
URL_ATTRIBUTES = {"action", "data", "formaction", "href", "poster", "src", "srcset"}
OTHER_PAGES = {"docs"}
PAGE_BYTES = 100_000
SAMPLE_BYTES = 60_000


class Elements(HTMLParser):
    """All start tags of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(HTML)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ELEMENTS = Elements().found
IDS = [attributes["id"] for _, attributes in ELEMENTS if "id" in attributes]


def urls() -> list[str]:
    return [
        value or ""
        for _, attributes in ELEMENTS
        for name, value in attributes.items()
        if name in URL_ATTRIBUTES and not (value or "").startswith("#")
    ]


def test_what_the_page_names_is_packaged_beside_it() -> None:
    named = {url for url in urls() if url not in OTHER_PAGES}

    assert named
    assert all(url.removeprefix("playground/") in ASSETS for url in named), named
    assert all(url.startswith("playground/") for url in named), named


def test_nothing_is_named_at_another_place_or_from_the_root() -> None:
    for url in urls():
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("", "")
        assert not url.startswith("/")


def test_every_module_that_is_imported_is_packaged() -> None:
    imported = {
        name for script in SCRIPTS.values() for name in re.findall(r'from "\./([^"]+)"', script)
    }

    assert imported
    assert imported <= SCRIPTS.keys()
    named = {url.removeprefix("playground/") for url in urls()}
    assert SCRIPTS.keys() == imported | (SCRIPTS.keys() & named)


@pytest.mark.parametrize("name", [*SCRIPTS, *STYLES])
def test_no_script_and_no_style_reaches_out(name: str) -> None:
    text = (SCRIPTS | STYLES)[name]

    assert not re.search(r"(https?:)?//[\w.-]+\.[a-z]{2,}", text)
    assert "@import" not in text
    assert "sendBeacon" not in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_or_code_out_of_text(name: str) -> None:
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"

    assert not re.search(sinks, SCRIPTS[name])


def test_nothing_is_inline() -> None:
    for tag, attributes in ELEMENTS:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_ids_are_unique_and_those_that_scripts_look_for_are_there() -> None:
    wanted = {
        found
        for script in SCRIPTS.values()
        for found in re.findall(r'(?:byId|getElementById)\("([^"]+)"\)', script)
    }

    assert len(IDS) == len(set(IDS))
    assert wanted <= set(IDS)


def test_labels_and_descriptions_point_at_what_is_there() -> None:
    for _, attributes in ELEMENTS:
        for name in (
            "for",
            "aria-controls",
            "aria-describedby",
            "aria-labelledby",
            "popovertarget",
        ):
            if name in attributes:
                assert attributes[name] in IDS


def test_each_sample_is_offered_packaged_and_small() -> None:
    offered = {
        f"samples/{attributes['data-sample']}.jpg"
        for _, attributes in ELEMENTS
        if "data-sample" in attributes
    }

    assert offered == SAMPLES
    assert all(len(ASSETS[name].body) < SAMPLE_BYTES for name in SAMPLES)


def test_the_makers_of_the_samples_are_named_on_the_page() -> None:
    for maker in ("Stéfan van der Walt", "Rachel Michetti", "Pikolo Espresso Bar", "SpaceX"):
        assert maker in HTML


def test_the_page_without_samples_keeps_to_its_budget() -> None:
    assert (
        sum(len(asset.body) for name, asset in ASSETS.items() if name not in SAMPLES) < PAGE_BYTES
    )
