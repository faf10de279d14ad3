"""Picsart's dialect over real sockets: requests, their answers, and what they fail with."""

import base64
import io
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from gateway.settings import DialectsSettings, FetchSettings, HttpSettings, UploadSettings
from mattebox.segmenter import v1
from tests.authority import Authority
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.dialects.failing_requests import (
    SEGMENTERS_FAILURES,
    key_of_one_request,
    suspend,
)
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    NO_HEADERS,
    Reply,
    ServedGateway,
    multipart,
    read_reply,
)
from tests.unit.gateway.fetch.upstream import ALLOWED, Upstream, http_answer, listening

POST = "/tools/1.0/removebg"
BALANCE = "/tools/1.0/balance"
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
JSON = {"Content-Type": "application/json"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
IMAGE = b"\xfb\xef\xbe an image"
BEHIND = b"a picture behind"
DATA = f"data:image/png;base64,{base64.b64encode(IMAGE).decode()}"
DATA_BEHIND = f"data:image/jpeg;base64,{base64.b64encode(BEHIND).decode()}"
STANDING = {
    "X-Picsart-Ratelimit-Limit",
    "X-Picsart-Ratelimit-Available",
    "X-Picsart-Ratelimit-Reset-Time",
    "X-Picsart-Credit-Available",
}
ID = "A" * 32

BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "multipart, file": (multipart(("image", IMAGE)), FORM),
    "multipart, data URI": (multipart(("image_url", DATA.encode())), FORM),
    "JSON, data URI": (json.dumps({"image_url": DATA, "bg_color": None}).encode(), JSON),
    "urlencoded, data URI": (urlencode({"image_url": DATA}).encode(), URLENCODED),
    "other case": (multipart(("IMAGE", IMAGE)), FORM),
    "empty beside it": (multipart(("image_url", b""), ("image", IMAGE)), FORM),
}


def key(gateway: ServedGateway) -> dict[str, str]:
    return {"X-Picsart-API-Key": gateway.key}


async def post(
    gateway: ServedGateway, body: bytes, headers: Mapping[str, str] = FORM, path: str = POST
) -> Reply:
    everything = {**key(gateway), **headers}
    return await gateway.ask("POST", path, data=io.BytesIO(body), headers=everything)


async def post_fields(gateway: ServedGateway, **fields: str) -> Reply:
    pairs = [(name, text.encode()) for name, text in fields.items()]
    return await post(gateway, multipart(*pairs, ("image", IMAGE)))


def error(reply: Reply, status: int) -> str:
    """The detail of an error in Picsart's envelope, after checking that it is one."""
    assert reply.status == status
    content = reply.json()
    assert list(content) == ["code", "message", "detail"]
    assert content["code"] == status
    assert content["message"]
    assert content["detail"]
    check_standing(reply)
    return str(content["detail"])


def check_standing(reply: Reply) -> None:
    """What every answer has, and what none has."""
    assert all(int(reply.headers[name]) >= 0 for name in STANDING)
    assert reply.headers["X-Picsart-Correlation-Id"] == reply.headers["X-Request-Id"]
    assert not [name for name in reply.headers if name.lower().startswith("x-ratelimit")]


def path_of(reply: Reply, gateway: ServedGateway) -> str:
    """Where the result is, below the address of the gateway."""
    assert reply.status == 200, reply.body
    content = reply.json()
    assert list(content) == ["status", "data"]
    assert content["status"] == "success"
    assert list(content["data"]) == ["id", "url"]
    path = str(content["data"]["url"]).removeprefix(gateway.url)
    assert path.startswith(f"/results/{content['data']['id']}.")
    return path


@pytest.fixture
async def upstream() -> AsyncIterator[tuple[Upstream, int]]:
    upstream = Upstream()
    async with listening(upstream, ALLOWED) as port:
        yield upstream, port


@pytest.mark.parametrize("body", BODIES)
async def test_a_picture_comes_in_each_kind_of_body(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: str
) -> None:
    reply = await post(gateway, *BODIES[body])

    assert path_of(reply, gateway).endswith(".png")
    assert segmenter.calls[0].image == IMAGE
    check_standing(reply)


async def test_a_body_without_a_length_is_read(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body, form = BODIES["multipart, file"]

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:20]
        yield body[20:]

    reply = await gateway.ask("POST", POST, data=pieces(), headers={**key(gateway), **form})

    assert path_of(reply, gateway)
    assert segmenter.calls[0].image == IMAGE


@pytest.mark.parametrize("slots", ["image_url", "bg_image_url", "both"])
async def test_pictures_are_fetched(
    serve_gateway: ServeGateway,
    segmenter: FakeSegmenter,
    upstream: tuple[Upstream, int],
    slots: str,
) -> None:
    server, port = upstream
    server.answers |= {"/a": http_answer(body=IMAGE), "/b": http_answer(body=BEHIND)}
    base = f"http://{ALLOWED}:{port}"
    gateway = await serve_gateway(fetch=FetchSettings(allow=(ALLOWED,), ports=(port,)))
    image = {"image_url": f"{base}/a" if slots != "bg_image_url" else DATA}
    behind = {"bg_image_url": f"{base}/b"} if slots != "image_url" else {}

    reply = await post(gateway, json.dumps(image | behind).encode(), JSON)

    assert path_of(reply, gateway)
    assert segmenter.calls[0].image == IMAGE
    assert segmenter.calls[0].background == (BEHIND if behind else b"")


@pytest.mark.parametrize("name", ["image_url", "bg_image_url"])
async def test_a_url_has_2083_characters_at_most(
    serve_gateway: ServeGateway, upstream: tuple[Upstream, int], name: str
) -> None:
    server, port = upstream
    gateway = await serve_gateway(fetch=FetchSettings(allow=(ALLOWED,), ports=(port,)))
    url = f"http://{ALLOWED}:{port}/".ljust(2083, "x")
    server.answers[url.removeprefix(f"http://{ALLOWED}:{port}")] = http_answer(body=IMAGE)
    told = [
        await post(gateway, json.dumps({"image_url": DATA, name: each}).encode(), JSON)
        for each in (url, url + "x")
    ]

    assert path_of(told[0], gateway)
    assert f"{name} must be an http or https URL of at most 2083" in error(told[1], 422)


@pytest.mark.parametrize("status", [404, 429, 500])
@pytest.mark.parametrize("name", ["image_url", "bg_image_url"])
async def test_a_url_that_answers_with_an_error_is_422(
    serve_gateway: ServeGateway, upstream: tuple[Upstream, int], name: str, status: int
) -> None:
    server, port = upstream
    server.answers["/"] = http_answer(status)
    gateway = await serve_gateway(fetch=FetchSettings(allow=(ALLOWED,), ports=(port,)))
    urls = {"image_url": DATA, name: f"http://{ALLOWED}:{port}/"}

    reply = await post(gateway, json.dumps(urls).encode(), JSON)

    assert f"cannot download {name}" in error(reply, 422)


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1/", "cannot download"),
        ("ftp://host/", "http or https"),
        ("http://" + "a" * 3000, "http or https"),
        ("nonsense", "http or https"),
        ("data:image/png;base64,?", "not valid base64"),
    ],
    ids=["refused-address", "other-scheme", "too-long", "malformed", "data-without-base64"],
)
@pytest.mark.parametrize("name", ["image_url", "bg_image_url"])
async def test_a_url_that_cannot_be_taken_is_422(
    gateway: ServedGateway, name: str, url: str, detail: str
) -> None:
    reply = await post(gateway, json.dumps({"image_url": DATA, name: url}).encode(), JSON)

    told = error(reply, 422)
    assert detail in told
    assert name in told


async def test_options_reach_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(output_format=v1.OutputFormat.OUTPUT_FORMAT_WEBP)
    reply = await post_fields(
        gateway, format="WebP", bg_color="f00", auto_center="true", stroke_size="3", shadow="top"
    )

    options = segmenter.calls[0].options
    assert path_of(reply, gateway).endswith(".webp")
    assert options.format == v1.OutputFormat.OUTPUT_FORMAT_WEBP
    assert (options.background.red, options.background.alpha) == (255, 255)
    assert (options.placement.x, options.placement.y) == (0.5, 0.5)
    assert options.stroke.width_px == 3
    assert (options.shadow.offset_y.px, options.shadow.color.alpha) == (-10, 51)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((("bg_image", BEHIND),), id="bg_image"),
        pytest.param((("bg_image_url", DATA_BEHIND.encode()),), id="bg_image_url"),
    ],
)
async def test_a_picture_behind_makes_the_canvas(
    gateway: ServedGateway, segmenter: FakeSegmenter, parts: tuple[tuple[str, bytes], ...]
) -> None:
    fields = (("bg_width", b"300"), ("bg_blur", b"100"), ("scale", b"fill"))
    reply = await post(gateway, multipart(("image", IMAGE), *parts, *fields))

    call = segmenter.calls[0]
    laid = call.options.background_picture
    assert path_of(reply, gateway)
    assert (call.image, call.background) == (IMAGE, BEHIND)
    assert laid.canvas == v1.Canvas.CANVAS_BACKGROUND
    assert (laid.width_px, laid.height_px) == (300, 0)
    assert laid.fit == v1.Fit.FIT_COVER
    assert laid.blur == pytest.approx(0.05)
    assert "X-Ignored-Fields" not in reply.headers


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((("bg_image", BEHIND), ("bg_color", b"red")), id="file-and-colour"),
        pytest.param((("bg_image", BEHIND), ("bg_image_url", b"http://host/")), id="file-and-URL"),
        pytest.param(
            (("bg_image_url", b"http://host/"), ("bg_color", b"red")), id="URL-and-colour"
        ),
    ],
)
async def test_several_backgrounds_are_422(
    gateway: ServedGateway, parts: tuple[tuple[str, bytes], ...]
) -> None:
    reply = await post(gateway, multipart(("image", IMAGE), *parts))

    assert "bg_" in error(reply, 422)


async def test_what_is_ignored_is_named(gateway: ServedGateway) -> None:
    reply = await post_fields(
        gateway, size="auto", Unknown="1", model="urn:air:picsart:model:picsart:sod@11", bg_blur="3"
    )
    neutral = await post_fields(gateway, shadow="disabled", stroke_size="0", bg_blur="0", model="")

    assert reply.headers["X-Ignored-Fields"] == "size, Unknown, model, bg_blur"
    assert "X-Ignored-Fields" not in neutral.headers


async def test_the_answer_tells_of_the_picture(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(width_px=30, height_px=20, foreground_found=False)
    reply = await post(gateway, *BODIES["multipart, file"])

    assert (reply.headers["X-Width"], reply.headers["X-Height"]) == ("30", "20")
    assert reply.headers["X-Foreground-Found"] == "false"
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["application/json", "image/png", "*/*", "text/html"])
async def test_no_accept_header_and_no_wish_to_wait_changes_anything(
    gateway: ServedGateway, accept: str
) -> None:
    headers = FORM | {"Accept": accept, "Prefer": "respond-async"}
    reply = await post(gateway, multipart(("image", IMAGE)), headers)

    assert path_of(reply, gateway)


@pytest.mark.parametrize("path", [POST, f"{POST}/"])
async def test_a_slash_at_the_end_is_no_other_path(gateway: ServedGateway, path: str) -> None:
    assert path_of(await post(gateway, *BODIES["multipart, file"], path=path), gateway)


MISTAKES: Mapping[str, tuple[bytes, Mapping[str, str], int]] = {
    "missing_image": (multipart(("format", b"png")), FORM, 422),
    "missing_image, empty body": (b"", FORM, 422),
    "multiple_sources": (multipart(("image", IMAGE), ("image_url", b"http://host/")), FORM, 422),
    "bad option": (multipart(("image", IMAGE), ("scale", b"stretch")), FORM, 422),
    "bad option, not a text": (json.dumps({"image_url": DATA, "scale": []}).encode(), JSON, 422),
    "image_id": (multipart(("image_id", b"abc")), FORM, 422),
    "bg_image_id": (multipart(("image", IMAGE), ("bg_image_id", b"abc")), FORM, 422),
    "custom shadow without offsets": (
        multipart(("image", IMAGE), ("shadow", b"custom")),
        FORM,
        422,
    ),
    "canvas over 50 MP": (
        multipart(
            ("image", IMAGE), ("bg_image", BEHIND), ("bg_width", b"10001"), ("bg_height", b"5000")
        ),
        FORM,
        422,
    ),
    "invalid_base64": (json.dumps({"image_url": "data:,?"}).encode(), JSON, 422),
    "image_url of another type": (b'{"image_url": []}', JSON, 422),
    "invalid_json": (b"{", JSON, 400),
    "JSON of another type": (b"[]", JSON, 400),
    "unparsable body": (b"no multipart", FORM, 400),
    "unsupported_media_type": (IMAGE, {"Content-Type": "image/png"}, 415),
    "unsupported_media_type, text": (b"image=1", {"Content-Type": "text/plain"}, 415),
    "compressed": (IMAGE, FORM | {"Content-Encoding": "gzip"}, 415),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_has_its_status(
    gateway: ServedGateway, segmenter: FakeSegmenter, mistake: str
) -> None:
    body, headers, status = MISTAKES[mistake]
    reply = await post(gateway, body, headers)

    error(reply, status)
    assert reply.headers["X-Picsart-Ratelimit-Available"] == "599"
    assert not segmenter.calls


SEGMENTERS_STATUSES = {
    "unsupported_image_format": 422,
    "invalid_image": 422,
    "no usable width or height": 422,
    "image_too_large (bytes)": 413,
    "image_too_large (pixels)": 413,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
    "internal_error": 500,
}


@pytest.mark.parametrize("failure", SEGMENTERS_STATUSES)
async def test_a_failure_of_the_segmenter_has_its_status(
    gateway: ServedGateway, segmenter: FakeSegmenter, failure: str
) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES[failure]
    reply = await post(gateway, *BODIES["multipart, file"])

    status = SEGMENTERS_STATUSES[failure]
    error(reply, status)
    if status == 503:
        assert int(reply.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("size_bytes", "status"), [(1000, 200), (1001, 413)])
async def test_an_image_may_be_as_large_as_the_limit(
    serve_gateway: ServeGateway, size_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=UploadSettings(image_bytes=1000, text_bytes=2000))
    reply = await post(gateway, multipart(("image", bytes(size_bytes))))

    assert reply.status == status
    if status != 200:
        error(reply, status)


async def test_the_dialect_has_a_limit_of_its_own(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(picsart_mb=1))

    assert (await post(gateway, multipart(("image", bytes(2**20))))).status == 200
    error(await post(gateway, multipart(("image", bytes(2**20 + 1)))), 413)


@pytest.mark.parametrize("path", [POST, BALANCE])
@pytest.mark.parametrize(
    "headers", [{}, {"X-Picsart-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}]
)
async def test_without_a_right_key_it_is_401(
    gateway: ServedGateway, path: str, headers: dict[str, str]
) -> None:
    method = "POST" if path == POST else "GET"
    body, form = BODIES["multipart, file"] if path == POST else (None, {})
    reply = await gateway.ask(method, path, data=body, headers={**headers, **form})

    assert error(reply, 401)
    assert reply.json()["message"] == "Unauthorized"
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


async def test_no_key_is_taken_from_the_query(gateway: ServedGateway) -> None:
    for name in ("api_key", "apikey", "key", "x-picsart-api-key"):
        error(await gateway.ask("GET", f"{BALANCE}?{name}={gateway.key}"), 401)


@pytest.mark.parametrize(
    "template",
    [
        {"X-Picsart-API-Key": "{}"},
        {"x-api-key": "{}"},
        {"Authorization": "Bearer {}"},
        {"Authorization": "Token {}"},
        {"Authorization": "Api-Key {}"},
        {"X-Picsart-API-Key": "{}", "X-Api-Key": "wrong"},
    ],
    ids=["own", "x-api-key", "Bearer", "Token", "Api-Key", "own-before-others"],
)
async def test_the_key_comes_in_several_headers(
    gateway: ServedGateway, template: dict[str, str]
) -> None:
    headers = {name: text.format(gateway.key) for name, text in template.items()}
    reply = await gateway.ask("GET", BALANCE, headers=headers)

    assert reply.status == 200
    assert reply.json() == {"credits": 1_000_000}
    check_standing(reply)


async def test_a_bad_key_comes_before_a_bad_body(gateway: ServedGateway) -> None:
    headers = {"X-Picsart-API-Key": "wrong", "Content-Type": "application/json"}
    error(await gateway.ask("POST", POST, data=b"{", headers=headers), 401)


async def test_a_suspended_account_is_403(gateway: ServedGateway, database: Database) -> None:
    await suspend(database)
    error(await gateway.ask("GET", BALANCE, headers=key(gateway)), 403)


async def test_the_credits_are_a_setting(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(credits=77))
    balance = await gateway.ask("GET", BALANCE, headers=key(gateway))

    assert balance.json() == {"credits": 77}
    assert balance.headers["X-Picsart-Credit-Available"] == "77"


async def test_the_rate_is_told_in_picsarts_headers(gateway: ServedGateway) -> None:
    told = [await gateway.ask("GET", BALANCE, headers=key(gateway)) for _ in range(2)]

    assert [reply.headers["X-Picsart-Ratelimit-Limit"] for reply in told] == ["600", "600"]
    assert [reply.headers["X-Picsart-Ratelimit-Available"] for reply in told] == ["599", "598"]
    for reply in told:
        assert 0 < int(reply.headers["X-Picsart-Ratelimit-Reset-Time"]) <= 121
        check_standing(reply)


async def test_past_its_rate_a_key_is_told_when_to_come_back(
    gateway: ServedGateway, database: Database
) -> None:
    headers = {"X-Picsart-API-Key": await key_of_one_request(database)}
    assert (await gateway.ask("GET", BALANCE, headers=headers)).status == 200
    refused = await gateway.ask("GET", BALANCE, headers=headers)

    error(refused, 429)
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["X-Picsart-Ratelimit-Limit"] == "1"
    assert refused.headers["X-Picsart-Ratelimit-Available"] == "0"
    assert 0 < int(refused.headers["X-Picsart-Ratelimit-Reset-Time"]) <= 121


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", POST, 405),
        ("PUT", POST, 405),
        ("OPTIONS", POST, 405),
        ("POST", BALANCE, 405),
        ("POST", f"/results/{ID}.png", 405),
        ("DELETE", f"/results/{ID}.png", 405),
        ("GET", "/tools/1.0", 404),
        ("POST", "/tools/1.0/upscale", 404),
        ("GET", "/tools/1.0/removebg/x", 404),
        ("GET", "/results", 404),
        ("GET", f"/results/a/{ID}.png", 404),
    ],
)
async def test_what_is_not_there_is_told_in_the_envelope(
    gateway: ServedGateway, method: str, path: str, status: int
) -> None:
    error(await gateway.ask(method, path, headers=key(gateway)), status)


@pytest.mark.parametrize("path", ["/tools", "/tools/1.00/removebg", "/tools/2.0", "/resultsx/a"])
async def test_beside_the_trees_the_words_are_native(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("GET", path)

    assert reply.error()["code"] == "not_found"
    assert not [name for name in reply.headers if name.startswith("X-Picsart")]


@pytest.mark.parametrize(("method", "path"), [("POST", POST), ("GET", f"/results/{ID}.png")])
async def test_a_dialect_that_is_switched_off_is_not_there(
    serve_gateway: ServeGateway, method: str, path: str
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(enabled=("slazzer",)))
    reply = await gateway.ask(method, path, headers=key(gateway))

    assert reply.status == 404
    assert reply.error()["code"] == "not_found"


async def test_a_body_that_stops_is_408(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=0.2))
    async with gateway.connection() as (reader, writer):
        writer.write(_head(gateway, {"Content-Length": "1000", **FORM}) + b"--b")
        error(await read_reply(reader), 408)


async def test_logs_and_metrics_tell_the_dialect_and_no_id(gateway: ServedGateway) -> None:
    path = path_of(await post(gateway, *BODIES["multipart, file"]), gateway)
    await gateway.ask("GET", path)

    assert [line["dialect"] for line in gateway.access_lines()] == ["picsart", "picsart"]
    assert 'dialect="picsart",method="POST",route="/tools/1.0/removebg"' in gateway.metrics()
    assert 'route="/results/{name}"' in gateway.metrics()
    identity = path.removeprefix("/results/").removesuffix(".png")
    assert identity not in gateway.log.getvalue() + gateway.metrics()


async def test_over_tls_the_url_says_so(serve_gateway: ServeGateway, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("127.0.0.1")
    gateway = await serve_gateway(
        http=HttpSettings(port=0, tls_cert=issued.certificate_file, tls_key=issued.key_file)
    )
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"https://127.0.0.1:{gateway.port}{POST}",
            data=multipart(("image", IMAGE)),
            headers={**key(gateway), **FORM},
            ssl=False,
        ) as answer,
    ):
        content = await answer.json()

    assert content["data"]["url"].startswith(f"https://127.0.0.1:{gateway.port}/results/")


def _head(gateway: ServedGateway, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
    lines = {"Host": "gateway", **key(gateway), **headers}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {POST} HTTP/1.1\r\n{text}\r\n".encode()
