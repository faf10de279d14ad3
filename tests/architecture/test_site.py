"""The site of docs/ is built without a warning, leads nowhere that is not there, and loads nothing
from elsewhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from markdown_it import MarkdownIt

from tests.built_site import built_site
from tests.conftest import ROOT

DOCS = ROOT / "docs"
BASE = "http://site/"
REPOSITORY = "https://repository.example/mattebox"
LOADING_RELATIONS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest"}
BLOCKS = {"table", "tr", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "img"}
LOADING_ATTRIBUTES = ("src", "srcset", "data", "poster")
SLEEPING_ORIGINS = {
    # Loaded for diagrams of a kind that no page has, and by browsers without ResizeObserver.
    "https://unpkg.com",
    # Asked for their stars where repo_url is on them, which the policy of every page forbids.
    "https://api.github.com",
    "https://${e}",
}
"""Whom the theme's scripts name, and why they never ask there."""


@dataclass
class Page(HTMLParser):
    """What a page of the site holds: its anchors, where it leads, and what it loads."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    in_navigation: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    policies: list[str] = field(default_factory=list)
    blocks: Counter[str] = field(default_factory=Counter)
    """How many there are of those kinds of element that a reader would miss."""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        classes = told.get("class", "").split()
        self.classes.update(classes)
        if tag in BLOCKS:
            self.blocks[tag] += 1
        self.anchors.update({told[name] for name in ("id", "name") if name in told})
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
            if "md-nav__link" in classes:
                self.in_navigation.add(told["href"])
        if tag == "link" and LOADING_RELATIONS & set(told.get("rel", "").split()):
            self.loaded.append(told["href"])
        if tag == "meta" and told.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(told["content"])
        if tag != "a":
            self.loaded += [
                told[name] for name in ("src", "srcset", "data", "poster") if name in told
            ]
        self.loaded += re.findall(r"url\(([^)]+)\)", told.get("style", ""))


@dataclass(frozen=True)
class Site:
    """A built site, by the paths of its pages."""

    folder: Path
    pages: dict[str, Page]


def read(folder: Path) -> Site:
    """Reads a built site."""
    pages = {}
    for path in folder.rglob("*.html"):
        page = Page()
        page.feed(path.read_text())
        pages[path.relative_to(folder).as_posix().removesuffix("index.html")] = page
    return Site(folder, pages)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    unknown = {"MATTEBOX_DOCS_REPOSITORY_URL": "", "MATTEBOX_DOCS_SITE_URL": ""}
    return read(built_site(tmp_path_factory.mktemp("site"), **unknown))


def sources() -> Iterator[Path]:
    """The pages of docs/, below it."""
    for path in DOCS.rglob("*.md"):
        yield path.relative_to(DOCS)


def address(source: Path) -> str:
    """Where the site has a page of docs/."""
    if source.stem in {"README", "index"}:
        return "" if source.parent == Path() else f"{source.parent.as_posix()}/"
    return f"{source.with_suffix('').as_posix()}/"


def test_every_page_of_docs_is_a_page_of_the_site_and_in_its_navigation(site: Site) -> None:
    addresses = {address(source) for source in sources()}
    assert addresses <= site.pages.keys()
    in_navigation = {
        urljoin(BASE, link).removeprefix(BASE) for link in site.pages[""].in_navigation
    }
    assert addresses <= {urldefrag(link).url for link in in_navigation}


def test_a_page_has_on_the_site_what_it_has_in_the_repository(site: Site) -> None:
    """The two are made by different programs, which differ on lists and code within text."""
    renderer = MarkdownIt("commonmark").enable("table")
    different = {}
    for source in sources():
        there, here = Page(), Page()
        there.feed(renderer.render((DOCS / source).read_text()))
        page = (site.folder / address(source) / "index.html").read_text()
        (article,) = re.findall(r"<article[^>]*>(.*?)</article>", page, re.DOTALL)
        here.feed(re.sub(r"<nav.*?</nav>", "", article, flags=re.DOTALL))
        if there.blocks != here.blocks:
            different[str(source)] = there.blocks - here.blocks, here.blocks - there.blocks
    assert different == {}


def test_every_link_within_the_site_leads_somewhere(site: Site) -> None:
    astray = []
    for path, page in site.pages.items():
        if path == "404.html":
            continue  # its links are absolute, since it is shown at any path
        for link in [*page.links, *page.loaded]:
            target, anchor = urldefrag(urljoin(BASE + path, link))
            if not target.startswith(BASE):
                continue
            name = unquote(urlsplit(target).path.lstrip("/"))
            there = site.pages.get(name)
            if there is None and not (site.folder / name).is_file():
                astray.append((path, link))
            if there is not None and anchor and unquote(anchor) not in there.anchors:
                astray.append((path, link))
    assert astray == []


def test_no_page_loads_anything_from_elsewhere(site: Site) -> None:
    for path, page in site.pages.items():
        assert page.loaded
        for loaded in page.loaded:
            assert urljoin(BASE, loaded).startswith((BASE, "data:")), (path, loaded)
        (policy,) = page.policies
        assert policy.startswith("default-src 'self';"), path
        assert "http" not in policy
        assert "mermaid" not in page.classes


def test_no_sheet_and_no_script_asks_elsewhere(site: Site) -> None:
    sheets, scripts = ([*site.folder.rglob(f"*.{kind}")] for kind in ("css", "js"))
    assert sheets
    assert scripts
    for sheet in sheets:
        text = sheet.read_text()
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import\s+['\"]", text), sheet
    for script in scripts:
        called = re.findall(r"[\"'`](https?://[^/\"'`]+)[^\"'`]*[\"'`]", script.read_text())
        assert set(called) <= SLEEPING_ORIGINS | {"http://www.w3.org"}, script


def test_pictures_load_nothing(site: Site) -> None:
    pictures = [*site.folder.rglob("*.svg")]
    assert pictures
    for picture in pictures:
        text = picture.read_text()
        assert not re.search(r"(?:href|src)=|url\((?!#)|@import|<script|<foreignObject", text), (
            picture
        )


def test_the_search_finds_settings_by_a_part_of_their_name(site: Site) -> None:
    index = json.loads((site.folder / "search" / "search_index.json").read_text())
    words = re.split(index["config"]["separator"], "MATTEBOX_GATEWAY_FETCH_ALLOW")
    assert words == ["MATTEBOX", "GATEWAY", "FETCH", "ALLOW"]
    assert any("MATTEBOX_GATEWAY_FETCH_ALLOW" in found["text"] for found in index["docs"])


def test_links_out_of_the_site_lead_to_the_repository_once_it_is_known(tmp_path: Path) -> None:
    known = read(built_site(tmp_path, MATTEBOX_DOCS_REPOSITORY_URL=REPOSITORY))
    links = {link for page in known.pages.values() for link in page.links}
    paths = {link.removeprefix(f"{REPOSITORY}/") for link in links if link.startswith(REPOSITORY)}
    assert "blob/main/tests/contract/samples/node_form.mjs" in paths
    assert "tree/main/tests/contract/samples" in paths
    for path in paths - {REPOSITORY}:
        kind, branch, name = path.split("/", 2)
        assert branch == "main"
        assert (ROOT / urldefrag(name).url).is_dir() == (kind == "tree"), path
        assert (ROOT / urldefrag(name).url).exists(), path


def test_without_a_repository_paths_are_named_and_not_linked(site: Site) -> None:
    text = (site.folder / "api" / "index.html").read_text()
    assert "<code>tests/contract/samples/node_form.mjs</code>" in text
    links = {link for page in site.pages.values() for link in page.links}
    assert not any(REPOSITORY in link or "/blob/" in link for link in links)


def test_no_page_is_published_with_a_gap_in_it() -> None:
    unfinished = re.compile(r"\b(?:X{2,}|TODO|FIXME|TBD)\b")
    left = {str(source): unfinished.findall((DOCS / source).read_text()) for source in sources()}
    assert {source: words for source, words in left.items() if words} == {}


def test_make_fails_where_there_is_a_warning() -> None:
    (recipe,) = re.findall(r"^docs: .*\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "--strict" in recipe
    # MkDocs counts no warning that it does not show.
    assert not {"-q", "--quiet"} & set(recipe.split())


def test_every_decision_is_listed() -> None:
    page = (DOCS / "decisions" / "README.md").read_text()
    listed = re.findall(r"^\| \[(\d{4})\]\((\1-[^)]+\.md)\) \| \S", page, re.MULTILINE)
    records = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [name for _, name in listed] == records
