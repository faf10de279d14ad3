import base64
import hashlib
import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from gateway.reference.document import Document, read_packaged
from gateway.reference.page import Page


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and its style sheet."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style" and not self.style:
            self.style = data

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.all if attribute in attrs]


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.from_json(read_packaged())


@pytest.fixture(scope="module")
def page(document: Document) -> Page:
    return Page(document)


@pytest.fixture(scope="module")
def elements(page: Page) -> Elements:
    return Elements(page.html)


def test_the_page_loads_and_runs_nothing(elements: Elements) -> None:
    tags = {tag for tag, _ in elements.all}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert "url(" not in elements.style
    assert "@import" not in elements.style
    attributes = {name for _, attrs in elements.all for name in attrs}
    assert attributes.isdisjoint({"src", "srcset", "style", "background", "action"})
    assert not any(name.startswith("on") for name in attributes)


def test_its_policy_allows_its_own_style_and_nothing_else(page: Page, elements: Elements) -> None:
    digest = base64.b64encode(hashlib.sha256(elements.style.encode()).digest()).decode()
    directives = dict(part.split(" ", 1) for part in page.policy.split("; "))
    assert directives == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_every_link_leads_somewhere(elements: Elements) -> None:
    anchors = Counter(elements.values("id"))
    assert set(anchors.values()) == {1}
    links = set(elements.values("href"))
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json"}
    assert {link[1:] for link in links if link.startswith("#")} <= set(anchors)


def test_everything_of_the_document_has_its_place(document: Document, elements: Elements) -> None:
    anchors = set(elements.values("id"))
    schemas = document.component("schemas")
    assert {operation.anchor for operation in document.operations()} <= anchors
    assert {name.lower() for name in document.component("headers")} <= anchors
    assert {choice["const"] for choice in schemas["ErrorCode"]["oneOf"]} <= anchors
    for request in ("MultipartRequest", "FormRequest", "JsonRequest"):
        names = schemas[request]["properties"]
        assert {f"removeBackground-{name}" for name in names} <= anchors


def test_the_page_is_for_light_and_dark_and_small_screens(elements: Elements) -> None:
    assert "prefers-color-scheme: dark" in elements.style
    assert re.search(r"@media \(max-width: \d+rem\)", elements.style)
    assert "width=device-width, initial-scale=1" in elements.values("content")
    assert elements.all[0] == ("html", {"lang": "en"})


def test_headings_leave_no_level_out(elements: Elements) -> None:
    levels = [int(tag[1]) for tag, _ in elements.all if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
