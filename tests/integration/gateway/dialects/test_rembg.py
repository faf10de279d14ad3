"""rembg's dialect over real sockets."""

import io
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from gateway.settings import DialectsSettings, FetchSettings, UploadSettings
from mattebox.segmenter import v1
from tests.contract.picture_host import picture_host
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.dialects.failing_requests import (
    SEGMENTERS_FAILURES,
    key_of_one_request,
    suspend,
)
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway

REMOVE = "/api/remove"
KIB = 2**10

STATUSES = {
    "unsupported_image_format": 415,
    "invalid_image": 400,
    "no usable width or height": 400,
    "image_too_large (bytes)": 413,
    "image_too_large (pixels)": 413,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
    "internal_error": 500,
}


@pytest.fixture
async def keyless(serve_gateway: ServeGateway, database: Database) -> ServedGateway:
    """A gateway whose requests without a key count on the database's first one."""
    settings = DialectsSettings(rembg_key=SecretStr(database.key))
    return await serve_gateway(dialects=settings)


def form(image: bytes = b"an image", **fields: str) -> aiohttp.FormData:
    """A form as rembg's documentation sends it, with `curl -F file=@photo.jpg`."""
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(image), filename="photo.jpg", content_type="image/jpeg")
    for name, value in fields.items():
        data.add_field(name, value)
    return data


async def post(
    gateway: ServedGateway, data: Any = None, query: str = "", key: str | None = None
) -> Reply:
    headers = {"x-api-key": gateway.key if key is None else key}
    return await gateway.ask("POST", REMOVE + query, data=data or form(), headers=headers)


def detail(reply: Reply) -> Any:
    content = reply.json()
    assert list(content) == ["detail"]
    return content["detail"]


async def test_a_file_is_answered_with_a_png(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post(gateway)

    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert reply.body == b"\x89PNG the cut-out"
    [call] = segmenter.calls
    assert call.image == b"an image"
    assert call.options.format == v1.OutputFormat.OUTPUT_FORMAT_PNG
    assert "X-Ignored-Fields" not in reply.headers


async def test_options_are_read_from_form_and_query(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post(
        gateway,
        form(om="true", model="u2net", a="true", af="240"),
        "?bgc=1,2,3,255&extras=%7B%7D&ppm=true",
    )

    assert reply.status == 200
    [call] = segmenter.calls
    assert call.options.channels == v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    assert call.options.background == v1.Color(red=1, green=2, blue=3, alpha=255)
    ignored = set(reply.headers["X-Ignored-Fields"].split(", "))
    assert ignored == {"model", "a", "af", "extras", "ppm"}


async def test_an_image_is_fetched_from_the_url_in_the_query(
    serve_gateway: ServeGateway, database: Database, segmenter: FakeSegmenter
) -> None:
    with picture_host({"/cat.jpg": b"a cat"}) as host:
        fetch = FetchSettings(allow=("127.0.0.1/32",), ports=(host.port,))
        dialects = DialectsSettings(rembg_key=SecretStr(database.key))
        gateway = await serve_gateway(fetch=fetch, dialects=dialects)
        url = f"http://127.0.0.1:{host.port}/cat.jpg"
        private = f"http://10.0.0.1:{host.port}/cat.jpg"
        reply = await gateway.ask("GET", REMOVE, params={"url": url, "om": "1", "dc": "true"})
        refused = await gateway.ask("GET", REMOVE, params={"url": private})

    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert segmenter.calls[0].image == b"a cat"
    assert segmenter.calls[0].options.channels == v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    assert "X-Ignored-Fields" not in reply.headers
    assert refused.status == 400
    assert detail(refused) == "cannot download url"


async def test_without_the_setting_a_key_is_needed(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", REMOVE, data=form())

    assert (reply.status, detail(reply)) == (401, "Missing API key.")


async def test_with_the_setting_requests_without_a_key_count_on_its_key(
    keyless: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await keyless.ask("POST", REMOVE, data=form())

    assert reply.status == 200
    [line] = keyless.access_lines()
    assert line["key_fingerprint"] == segmenter.calls[0].caller
    assert line["dialect"] == "rembg"


async def test_the_rate_of_that_key_holds(serve_gateway: ServeGateway, database: Database) -> None:
    key = await key_of_one_request(database)
    gateway = await serve_gateway(dialects=DialectsSettings(rembg_key=SecretStr(key)))

    first = await gateway.ask("POST", REMOVE, data=form())
    second = await gateway.ask("POST", REMOVE, data=form())

    assert (first.status, second.status) == (200, 429)
    assert int(second.headers["Retry-After"]) >= 1
    assert isinstance(detail(second), str)


async def test_a_wrong_key_is_wrong_with_the_setting_too(keyless: ServedGateway) -> None:
    reply = await post(keyless, key="wrong")

    assert (reply.status, detail(reply)) == (401, "Invalid or revoked API key.")


async def test_the_setting_opens_no_other_dialect(keyless: ServedGateway) -> None:
    assert (await keyless.ask("POST", "/v2", data=form())).status == 401


async def test_a_suspended_account_is_told(gateway: ServedGateway, database: Database) -> None:
    await suspend(database)

    assert (await post(gateway)).status == 403


@pytest.mark.parametrize(
    ("query", "place"),
    [("?om=perhaps", ["query", "om"]), ("?bgc=red", ["query", "bgc"])],
)
async def test_a_bad_option_is_told_as_fastapi_does(
    gateway: ServedGateway, query: str, place: list[str]
) -> None:
    reply = await post(gateway, query=query)

    assert reply.status == 422
    [problem] = detail(reply)
    assert problem["loc"] == place
    assert problem["msg"]


async def test_a_request_without_a_file_is_told_so(gateway: ServedGateway) -> None:
    data = aiohttp.FormData({"om": "true"}, default_to_multipart=True)
    [missing] = detail(await post(gateway, data))
    [no_url] = detail(await gateway.ask("GET", REMOVE, headers={"x-api-key": gateway.key}))

    assert (missing["type"], missing["loc"]) == ("missing", ["body", "file"])
    assert (no_url["type"], no_url["loc"]) == ("missing", ["query", "url"])


async def test_another_kind_of_body_is_refused(gateway: ServedGateway) -> None:
    reply = await post(gateway, io.BytesIO(b"\x89PNG"))

    assert reply.status == 415
    assert isinstance(detail(reply), str)


@pytest.mark.parametrize("name", STATUSES)
async def test_a_failure_of_the_segmenter_has_a_text(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES[name]

    reply = await post(gateway)

    assert reply.status == STATUSES[name]
    assert isinstance(detail(reply), str)
    assert ("Retry-After" in reply.headers) == (reply.status == 503)


@pytest.mark.parametrize(("size_bytes", "status"), [(KIB, 200), (KIB + 1, 413)])
async def test_a_file_has_the_size_of_the_server_at_most(
    serve_gateway: ServeGateway, size_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=UploadSettings(image_bytes=KIB))

    assert (await post(gateway, form(bytes(size_bytes)))).status == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api", 404), ("POST", "/api/other", 404), ("PUT", REMOVE, 405)],
)
async def test_other_paths_and_methods_are_in_its_words(
    gateway: ServedGateway, method: str, path: str, status: int
) -> None:
    reply = await gateway.ask(method, path)

    assert reply.status == status
    assert isinstance(detail(reply), str)


@pytest.mark.parametrize("path", [REMOVE + "/", REMOVE])
async def test_a_trailing_slash_is_accepted(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask(
        "POST", path, data=form(), headers={"x-api-key": gateway.key}, allow_redirects=False
    )

    assert reply.status == 200


async def test_switched_off_its_paths_are_unknown(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(enabled=()))

    reply = await post(gateway)

    assert (reply.status, reply.error()["code"]) == (404, "not_found")
