"""The playground as a gateway serves it: beside the health, under its headers, or not at all."""

import pytest

from gateway.playground.handlers import POLICY
from gateway.settings import CorsSettings, PlaygroundSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.served_gateway import ServedGateway
from tests.integration.gateway.test_standing_headers import STANDING

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
OFF = PlaygroundSettings(enabled=False)
OWN = {"Cache-Control": "no-cache"}
PATHS = ["/playground", "/playground/", "/playground/app.js", "/playground/samples/coffee.jpg"]


@pytest.mark.parametrize("path", ["/", *PATHS])
async def test_every_answer_has_the_standing_headers(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("GET", path, headers=BROWSER, allow_redirects=False)

    expected = STANDING if reply.status == 308 else STANDING | OWN
    assert {name: reply.headers[name] for name in STANDING} == expected
    assert reply.headers["X-Request-Id"]
    assert "Set-Cookie" not in reply.headers


async def test_the_policy_of_the_page_is_its_own_and_no_file_has_it(gateway: ServedGateway) -> None:
    page = await gateway.ask("GET", "/", headers=BROWSER)
    script = await gateway.ask("GET", "/playground/app.js")

    assert page.headers["Content-Security-Policy"] == POLICY
    assert script.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
async def test_programs_get_the_health_at_the_root(
    gateway: ServedGateway, headers: dict[str, str]
) -> None:
    reply = await gateway.reaches("/", 200)
    assert reply.json() == {"status": "ok"}

    reply = await gateway.ask("GET", "/", headers=headers)
    assert reply.json() == {"status": "ok"}


@pytest.mark.parametrize(
    "path", ["/playground/nothing.js", "/playground/samples/none.jpg", "/playground/a/b/c.js"]
)
async def test_what_is_not_there_is_404_in_the_envelope(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("GET", path)

    assert (reply.status, reply.error()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_sent_there(gateway: ServedGateway, method: str) -> None:
    reply = await gateway.ask(method, "/playground")

    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", PATHS)
async def test_switched_off_there_is_nothing(serve_gateway: ServeGateway, path: str) -> None:
    gateway = await serve_gateway(playground=OFF)

    reply = await gateway.ask("GET", path, headers=BROWSER)

    assert (reply.status, reply.error()["code"]) == (404, "not_found")


async def test_switched_off_browsers_get_the_health_too(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(playground=OFF)
    await gateway.reaches("/", 200)

    reply = await gateway.ask("GET", "/", headers=BROWSER)

    assert reply.json() == {"status": "ok"}


async def test_metrics_know_files_by_their_template_alone(gateway: ServedGateway) -> None:
    for name in ("app.js", "page.css", "nothing.js"):
        await gateway.ask("GET", f"/playground/{name}")
    await gateway.ask("GET", "/playground/samples/coffee.jpg")

    assert gateway.counted("requests_total", route="/playground/{asset}") == 3
    assert gateway.counted("requests_total", route="/playground/{folder}/{asset}") == 1
    assert "app.js" not in gateway.metrics()


async def test_caches_are_told_of_both_things_that_the_page_depends_on(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(cors=CorsSettings(origins=("https://shop.example",)))

    reply = await gateway.ask("GET", "/", headers=BROWSER)

    assert reply.headers["Vary"] == "Accept, Origin"
