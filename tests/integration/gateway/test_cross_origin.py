"""What browsers are told of pages of other origins."""

import pytest

from gateway.reference.document import Document, read_packaged
from gateway.settings import CorsSettings, FetchSettings, UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, image_form
from tests.integration.gateway.test_errors import FAILURES

SHOP = "https://shop.example"
ADMIN = "http://localhost:3000"
OTHER = "https://other.example"
PATHS = {
    "/": "GET, HEAD",
    "/health": "GET, HEAD",
    "/docs": "GET, HEAD",
    "/openapi.json": "GET, HEAD",
    "/v2": "POST",
    "/v2/": "POST",
    "/v2/account": "GET, HEAD",
    "/v2/health": "GET, HEAD",
    "/v2/health/live": "GET, HEAD",
    "/v2/health/ready": "GET, HEAD",
}
SAFELISTED = {"Cache-Control", "Content-Type", "Content-Length"}


@pytest.fixture
async def gateway(serve_gateway: ServeGateway) -> ServedGateway:
    """A gateway that two origins may call."""
    return await serve_gateway(cors=CorsSettings(origins=(SHOP, ADMIN)))


@pytest.fixture
async def open_gateway(serve_gateway: ServeGateway) -> ServedGateway:
    """A gateway that every page may call."""
    return await serve_gateway(cors=CorsSettings(origins=("*",)))


@pytest.fixture
async def closed_gateway(serve_gateway: ServeGateway) -> ServedGateway:
    """A gateway as it is by default."""
    return await serve_gateway()


async def preflight(
    gateway: ServedGateway, path: str = "/v2", origin: str = SHOP, method: str = "POST"
) -> Reply:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-api-key",
    }
    return await gateway.ask("OPTIONS", path, headers=headers)


def told(reply: Reply) -> dict[str, str]:
    """What the answer tells of origins."""
    return {
        name: value for name, value in reply.headers.items() if name.startswith("Access-Control-")
    }


def items(reply: Reply, name: str) -> set[str]:
    return set(reply.headers[f"Access-Control-{name}"].split(", "))


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
async def test_by_default_no_answer_says_a_word(closed_gateway: ServedGateway, path: str) -> None:
    asked = await preflight(closed_gateway, path)
    got = await closed_gateway.ask("GET", path, headers={"Origin": SHOP})

    assert asked.status == (404 if path == "/nowhere" else 405)
    for reply in (asked, got):
        assert told(reply) == {}
        assert "Vary" not in reply.headers


@pytest.mark.parametrize(("path", "methods"), PATHS.items())
@pytest.mark.parametrize("origin", [SHOP, ADMIN])
async def test_a_preflight_is_told_what_the_path_takes(
    gateway: ServedGateway, path: str, methods: str, origin: str
) -> None:
    reply = await preflight(gateway, path, origin)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == origin
    assert reply.headers["Access-Control-Allow-Methods"] == methods
    assert reply.headers["Access-Control-Max-Age"] == "7200"
    assert reply.headers["Vary"] == "Origin"


async def test_every_header_that_is_read_may_be_asked_for(gateway: ServedGateway) -> None:
    document = Document.from_json(read_packaged())
    read = {
        scheme.get("name", "Authorization").lower()
        for scheme in document.component("securitySchemes").values()
        if scheme.get("in", "header") == "header"
    }
    assert read

    allowed = items(await preflight(gateway), "Allow-Headers")

    assert allowed == read | {"content-type", "x-request-id"}


async def test_every_header_of_an_answer_may_be_read(gateway: ServedGateway) -> None:
    documented = set(Document.from_json(read_packaged()).component("headers"))

    reply = await gateway.post(image_form(), {"Origin": SHOP})

    assert reply.status == 200
    assert items(reply, "Expose-Headers") == documented - SAFELISTED
    sent = {name.lower() for name in reply.headers if name.lower().startswith("x-")}
    readable = {name.lower() for name in items(reply, "Expose-Headers")}
    assert sent - readable == {"x-content-type-options", "x-frame-options"}


@pytest.mark.parametrize("origin", [OTHER, "null", f"{SHOP}.evil.example", SHOP.upper(), "*", ""])
async def test_other_origins_are_told_nothing(gateway: ServedGateway, origin: str) -> None:
    asked = await preflight(gateway, origin=origin)
    answered = await gateway.post(image_form(), {"Origin": origin})

    assert (asked.status, asked.error()["code"]) == (405, "method_not_allowed")
    # The browser keeps the answer to itself.
    assert answered.status == 200
    for reply in (asked, answered):
        assert told(reply) == {}
        assert reply.headers["Vary"] == "Origin"


async def test_without_an_origin_caches_are_told_that_it_matters(gateway: ServedGateway) -> None:
    reply = await gateway.post(image_form())

    assert (told(reply), reply.headers["Vary"]) == ({}, "Origin")


@pytest.mark.parametrize("origin", [SHOP, OTHER, "null"])
async def test_all_origins_may_be_allowed(open_gateway: ServedGateway, origin: str) -> None:
    asked = await preflight(open_gateway, origin=origin)
    answered = await open_gateway.post(image_form(), {"Origin": origin})

    assert (asked.status, answered.status) == (204, 200)
    for reply in (asked, answered):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in reply.headers


async def test_the_browsers_own_credentials_are_never_asked_for(
    gateway: ServedGateway, open_gateway: ServedGateway
) -> None:
    for served in (gateway, open_gateway):
        for reply in (await preflight(served), await served.post(image_form(), {"Origin": SHOP})):
            assert "Access-Control-Allow-Origin" in reply.headers
            assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": SHOP},
        {"Access-Control-Request-Method": "POST"},
        {},
    ],
)
async def test_options_that_are_no_preflight_are_answered_as_ever(
    gateway: ServedGateway, headers: dict[str, str]
) -> None:
    reply = await gateway.ask("OPTIONS", "/v2", headers=headers)

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


async def test_a_preflight_for_a_path_that_is_not_there_is_404(gateway: ServedGateway) -> None:
    reply = await preflight(gateway, "/nowhere")

    assert (reply.status, reply.error()["code"]) == (404, "not_found")
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP


async def test_a_preflight_needs_no_key_and_counts_for_nothing(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(cors=CorsSettings(origins=(SHOP,)))
    before = (await gateway.post(image_form())).headers["X-RateLimit-Remaining"]
    for _ in range(5):
        assert (await preflight(gateway)).status == 204
    after = (await gateway.post(image_form())).headers["X-RateLimit-Remaining"]

    assert int(before) - int(after) == 1
    assert len(segmenter.calls) == 2
    line = gateway.access_lines()[1]
    assert (line["method"], line["route"], line["status"]) == ("OPTIONS", "/v2", 204)
    assert "key_fingerprint" not in line


@pytest.mark.parametrize("failure", [each[0] for each in FAILURES.values()])
async def test_failures_of_the_segmenter_may_be_read(
    gateway: ServedGateway, segmenter: FakeSegmenter, failure: Failure
) -> None:
    segmenter.behaviour = failure

    reply = await gateway.post(image_form(), {"Origin": SHOP})

    assert reply.status >= 400
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP
    assert "X-Request-Id" in items(reply, "Expose-Headers")


async def test_refusals_of_the_gateway_may_be_read(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(
        cors=CorsSettings(origins=(SHOP,)),
        upload=UploadSettings(image_bytes=1000),
        fetch=FetchSettings(enabled=False),
    )
    origin = {"Origin": SHOP}
    keyed = origin | {"x-api-key": gateway.key}
    replies = [
        await gateway.ask("POST", "/v2", headers=origin),
        await gateway.ask("POST", "/v2", headers=origin | {"x-api-key": "bad"}),
        await gateway.ask("POST", "/v2", headers=keyed),
        await gateway.ask("PUT", "/v2", headers=keyed),
        await gateway.ask("GET", "/nowhere", headers=keyed),
        await gateway.post(image_form(bytes(10_000)), origin),
        await gateway.ask("POST", "/v2", headers=keyed, json={"image_url": "http://a.test"}),
        await gateway.ask("POST", "/v2", headers=keyed | {"Content-Encoding": "gzip"}, data=b"x"),
    ]

    assert [reply.status for reply in replies] == [401, 401, 400, 405, 404, 413, 400, 415]
    for reply in replies:
        assert reply.headers["Access-Control-Allow-Origin"] == SHOP
        assert reply.headers["Vary"] == "Origin"
