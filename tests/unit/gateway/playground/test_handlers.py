from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.contracts.dialect import Route
from gateway.playground.assets import packaged_assets
from gateway.playground.handlers import POLICY, Playground
from gateway.routes import add_routes, route_template

ASSETS = packaged_assets()
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PAGES = ["/", "/playground"]


async def health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@web.middleware
async def tell_template(request: web.Request, handler: object) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)  # type: ignore[operator]
    response.headers["X-Template"] = route_template(request)
    return response


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application(middlewares=[tell_template])
    table = [Route("/", "GET", health), *Playground().routes()]
    add_routes(app, sorted(table, key=lambda route: route.path))
    serving = TestServer(app)
    async with serving:
        yield serving


async def asked(
    server: TestServer, path: str, method: str = "GET", **headers: str
) -> tuple[ClientResponse, bytes]:
    async with (
        ClientSession(headers={"Accept": "*/*"}) as session,
        session.request(
            method,
            server.make_url(path),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            allow_redirects=False,
        ) as answer,
    ):
        return answer, await answer.read()


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/*", True),
        ("text/html;q=0.5, application/json;q=0.4", True),
        ("*/*;q=0.1, text/html;q=0.2", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, text/plain, */*", False),
        ("text/html, application/json", False),
        ("text/html;q=0, */*", False),
        ("text/html;q=nonsense", False),
        ("image/png", False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_root_is_the_page_for_those_alone_who_prefer_it(
    server: TestServer, method: str, accept: str, *, is_page: bool
) -> None:
    answer, _ = await asked(server, "/", method, Accept=accept)

    assert answer.status == 200
    assert answer.content_type == ("text/html" if is_page else "application/json")


@pytest.mark.parametrize("path", PAGES)
async def test_the_page_comes_under_its_policy(server: TestServer, path: str) -> None:
    answer, body = await asked(server, path, Accept=BROWSER)

    assert body == ASSETS["index.html"].body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Vary"] == "Accept"


def test_the_policy_lets_nothing_in_from_outside_and_nothing_run_that_is_inline() -> None:
    directives = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))

    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


async def test_the_page_is_at_its_path_whatever_is_accepted(server: TestServer) -> None:
    answer, _ = await asked(server, "/playground", Accept="application/json")

    assert answer.content_type == "text/html"


async def test_a_slash_behind_it_leads_to_where_its_files_are_found(server: TestServer) -> None:
    answer, body = await asked(server, "/playground/")

    assert (answer.status, body) == (308, b"")
    # Relative, so that it holds behind a proxy that puts something before all paths.
    assert answer.headers["Location"] == "../playground"


@pytest.mark.parametrize("name", [name for name in ASSETS if name != "index.html"])
async def test_each_file_is_served_as_it_is_packaged(server: TestServer, name: str) -> None:
    answer, body = await asked(server, f"/playground/{name}")

    assert answer.status == 200
    assert body == ASSETS[name].body
    assert answer.content_type == ASSETS[name].content_type
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Template"] in {
        "/playground/{asset}",
        "/playground/{folder}/{asset}",
    }


@pytest.mark.parametrize(
    "name",
    ["index.html", "nothing.js", "samples", "samples/", "samples/none.jpg", "..%2F__init__.py"],
)
async def test_nothing_else_is(server: TestServer, name: str) -> None:
    answer, _ = await asked(server, f"/playground/{name}")

    assert answer.status == 500  # NotFoundError, which the gateway's middlewares word


@pytest.mark.parametrize("path", ["/playground", "/playground/app.js"])
async def test_head_tells_the_length_alone(server: TestServer, path: str) -> None:
    _, whole = await asked(server, path)
    answer, body = await asked(server, path, "HEAD")

    assert (answer.status, body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(whole))


@pytest.mark.parametrize("path", ["/playground", "/playground/app.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_browser_that_has_it_gets_none_again(
    server: TestServer, path: str, method: str
) -> None:
    first, _ = await asked(server, path)
    tag = first.headers["ETag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer, body = await asked(server, path, method, If_None_Match=known)
        assert (answer.status, body) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "no-cache"
    answer, _ = await asked(server, path, method, If_None_Match='"other"')
    assert answer.status == 200
