"""A browser of the system's, a running service, and pages that must not complain."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import middle_network
from tests.conftest import ROOT
from tests.contract.picture_host import PictureHost, picture_host
from tests.e2e.browser.visit import PATIENCE_MS, Visit
from tests.e2e.conftest import Mattebox
from tests.running_service import running_service

NAMES = ("chromium", "chromium-browser", "google-chrome")

OpenPage = Callable[..., Visit]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium; tests run as root, where it has no sandbox of its own."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def pictures() -> Iterator[PictureHost]:
    """A web server with a picture, which the browser itself must never ask."""
    photo = (ROOT / "tests" / "data" / "coffee.jpg").read_bytes()
    with picture_host({"/cup.jpg": photo}) as host:
        yield host


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory, pictures: PictureHost) -> Iterator[Mattebox]:
    """One `mattebox up` for all of these tests, with a network that takes next to no time."""
    environment = {
        "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
        "MATTEBOX_GATEWAY_FETCH_PORTS": f"80,443,{pictures.port}",
    }
    folder, models = tmp_path_factory.mktemp("browser"), tmp_path_factory.mktemp("models")
    middle_network.install(models, "u2netp")
    with running_service(folder, models, "onnxruntime", environment) as running:
        yield Mattebox(running)


@pytest.fixture
def open_page(browser: Browser, service: Mattebox) -> Iterator[OpenPage]:
    """Opens pages in contexts of their own, and looks at the end what they complained of."""
    facts = service.facts
    visits = []
    with ExitStack() as stack:

        def opened(path: str = "/", *, key: str | None = facts["api_key"], **context: Any) -> Visit:
            options = {"reduced_motion": "reduce", **context}
            visit = Visit(stack.enter_context(browser.new_context(**options)), facts["http"])
            visits.append(visit)
            visit.open(path if key is None else f"{path}#key={key}")
            return visit

        yield opened
        for visit in visits:
            visit.check_quiet()


@pytest.fixture
def visit(open_page: OpenPage) -> Visit:
    """The playground, with a key, before any picture."""
    return open_page()
