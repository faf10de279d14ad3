"""The site of docs/ in a browser: it asks nobody else, complains of nothing, and fits a phone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from benchmarks.load.beside import serving_beside
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.built_site import built_site

pytestmark = pytest.mark.e2e

NAMES = ("chromium", "chromium-browser", "google-chrome")
PAGES = ["", "getting-started/", "guides/queue-worker/", "reference/http/", "architecture/"]
DESK, PHONE = ViewportSize(width=1300, height=1000), ViewportSize(width=390, height=844)


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served, as any web server would."""
    folder = built_site(tmp_path_factory.mktemp("site"))
    handler = partial(Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serving_beside(server):
        yield f"http://127.0.0.1:{server.server_port}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        # Tests run as root, where it has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def quiet(browser: Browser, url: str, viewport: ViewportSize) -> Iterator[Page]:
    """Gives a page that must ask nobody but ``url``, and have nothing to complain of."""
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(viewport=viewport) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
    assert asked
    assert [there for there in asked if not there.startswith((url, "data:"))] == []
    assert said == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_by_itself(
    browser: Browser, url: str, path: str, viewport: ViewportSize
) -> None:
    with quiet(browser, url, viewport) as page:
        page.goto(url + path, wait_until="networkidle")
        right_px = page.eval_on_selector_all(
            "article > *", "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
        )
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
    assert right_px <= viewport["width"]
    assert broken == []


def test_the_search_works_without_anybody_else(browser: Browser, url: str) -> None:
    with quiet(browser, url, DESK) as page:
        page.goto(url)
        page.click(".md-search__input")
        page.keyboard.type("fetch_allow")
        page.wait_for_selector(".md-search-result__item")
        found = page.eval_on_selector_all(
            ".md-search-result__link", "links => links.map(link => new URL(link.href).pathname)"
        )
    assert "/settings/" in found


def test_a_reader_may_choose_the_dark(browser: Browser, url: str) -> None:
    with quiet(browser, url, DESK) as page:
        page.goto(url)
        page.click("label[title='Show it dark']")
        page.wait_for_selector("body[data-md-color-scheme=slate]")
