"""Slazzer's dialect over real sockets."""

import base64
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.settings import DialectsSettings, UploadSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.dialects.failing_requests import (
    SEGMENTERS_FAILURES,
    key_of_one_request,
    suspend,
)
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart

REMOVE = "/v2.0/remove_image_background"
BALANCE = "/v2.0/account_balance"
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
JSON = {"Content-Type": "application/json"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
IMAGE = b"\xfb\xef\xbe an image"
BASE64 = base64.b64encode(IMAGE).decode()
BEHIND = b"a picture behind"
MIB = 2**20
KIB = 2**10

BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "source_image_file": (multipart(("source_image_file", IMAGE)), FORM),
    "source_image_base64 in a form": (multipart(("source_image_base64", BASE64.encode())), FORM),
    "source_image_base64, urlencoded, as a data URL": (
        urlencode({"source_image_base64": f"data:image/png;base64,{BASE64}"}).encode(),
        URLENCODED,
    ),
    "source_image_base64 in JSON": (json.dumps({"source_image_base64": BASE64}).encode(), JSON),
}
WITHOUT_IMAGE: dict[str, tuple[bytes, dict[str, str]]] = {
    "no body": (b"", {}),
    "no field": (multipart(("format", b"png")), FORM),
    "an empty file": (multipart(("source_image_file", b"")), FORM),
    "the native name": (multipart(("client", b"x")), FORM),
}
SEVERAL: dict[str, tuple[tuple[str, bytes], ...]] = {
    "multiple_sources": (("source_image_file", IMAGE), ("source_image_base64", BASE64.encode())),
    "several backgrounds": (
        ("source_image_file", IMAGE),
        ("bg_image_file", BEHIND),
        ("bg_image_base64", BASE64.encode()),
    ),
    "a colour and a picture behind": (
        ("source_image_file", IMAGE),
        ("bg_image_file", BEHIND),
        ("bg_color_code", b"#ff0000"),
    ),
}
BAD_BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "bad_request (bad option)": (
        multipart(("source_image_file", IMAGE), ("format", b"webp")),
        FORM,
    ),
    "invalid_json": (b"{", JSON),
    "unsupported_media_type": (IMAGE, {"Content-Type": "image/png"}),
    "invalid_base64": (multipart(("source_image_base64", b"%%%")), FORM),
    "malformed URL": (multipart(("source_image_url", b"ftp://a.example/b")), FORM),
    "refused address": (multipart(("source_image_url", b"http://127.0.0.1/b")), FORM),
    "refused address of the picture behind": (
        multipart(("source_image_file", IMAGE), ("bg_image_url", b"http://127.0.0.1/b")),
        FORM,
    ),
}
STATUSES = {
    "unsupported_image_format": 400,
    "invalid_image": 400,
    "no usable width or height": 400,
    "image_too_large (bytes)": 400,
    "image_too_large (pixels)": 400,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
    "internal_error": 500,
}
KEYS = {
    "API-KEY": "{key}",
    "x-api-key": "{key}",
    "Authorization": "Bearer {key}",
}


async def post(
    gateway: ServedGateway, body: bytes, headers: dict[str, str], path: str = REMOVE
) -> Reply:
    keyed = {"API-KEY": gateway.key, **headers}
    return await gateway.ask("POST", path, data=io.BytesIO(body), headers=keyed)


async def sent(gateway: ServedGateway, **fields: str) -> Reply:
    parts = [(name, value.encode()) for name, value in fields.items()]
    return await post(gateway, multipart(("source_image_file", IMAGE), *parts), FORM)


def text(reply: Reply) -> Any:
    content = reply.json()
    assert list(content) == ["error"]
    return content["error"]


@pytest.mark.parametrize("name", BODIES)
async def test_every_kind_of_body_brings_an_image(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    reply = await post(gateway, *BODIES[name])

    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert reply.body == Answer().image
    assert segmenter.calls[0].image == IMAGE
    assert segmenter.calls[0].options.format == v1.OutputFormat.OUTPUT_FORMAT_PNG


@pytest.mark.parametrize("header", KEYS)
async def test_the_key_may_stand_in_several_headers(gateway: ServedGateway, header: str) -> None:
    headers = {**FORM, header: KEYS[header].format(key=gateway.key)}
    body = io.BytesIO(BODIES["source_image_file"][0])

    assert (await gateway.ask("POST", REMOVE, data=body, headers=headers)).status == 200


async def test_a_key_in_the_query_is_none(gateway: ServedGateway) -> None:
    path = f"{REMOVE}?api_key={gateway.key}"
    body = io.BytesIO(BODIES["source_image_file"][0])
    reply = await gateway.ask("POST", path, data=body, headers=FORM)

    assert (reply.status, text(reply)) == (401, "invalid api key")


@pytest.mark.parametrize(
    ("spelt", "output_format", "content_type"),
    [
        ("png", v1.OutputFormat.OUTPUT_FORMAT_PNG, "image/png"),
        ("jpg", v1.OutputFormat.OUTPUT_FORMAT_JPEG, "image/jpeg"),
        ("zip", v1.OutputFormat.OUTPUT_FORMAT_ZIP, "application/zip"),
    ],
)
async def test_the_answer_is_the_bytes_of_the_format(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    spelt: str,
    output_format: int,
    content_type: str,
) -> None:
    segmenter.behaviour = Answer(output_format=output_format)
    reply = await sent(gateway, format=spelt)

    assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
    assert segmenter.calls[0].options.format == output_format


async def test_a_picture_goes_behind_the_subject(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    parts = ("source_image_file", IMAGE), ("bg_image_file", BEHIND)
    assert (await post(gateway, multipart(*parts), FORM)).status == 200

    assert segmenter.calls[0].background == BEHIND
    assert not segmenter.calls[0].options.HasField("background_picture")  # by default it covers


async def test_what_is_ignored_is_named(gateway: ServedGateway) -> None:
    reply = await sent(gateway, car_shadow="true", client="wordpress", position="0%")

    assert reply.status == 200
    ignored = set(reply.headers["X-Ignored-Fields"].split(", "))
    assert ignored == {"car_shadow", "client", "position"}


async def test_a_header_named_preview_has_no_effect(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body, headers = BODIES["source_image_file"]
    await post(gateway, body, {**headers, "preview": "true"})

    assert segmenter.calls[0].options.max_pixels == 10_000_000


@pytest.mark.parametrize("name", WITHOUT_IMAGE)
async def test_missing_image(gateway: ServedGateway, name: str) -> None:
    reply = await post(gateway, *WITHOUT_IMAGE[name])

    assert (reply.status, text(reply)) == (400, "Source image file not found")


@pytest.mark.parametrize("name", SEVERAL)
async def test_one_picture_of_a_kind_is_enough(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    reply = await post(gateway, multipart(*SEVERAL[name]), FORM)

    assert reply.status == 400
    assert text(reply)
    assert segmenter.calls == []


async def test_two_pictures_behind_are_told_as_such(gateway: ServedGateway) -> None:
    reply = await sent(gateway, bg_image_url="http://a.example/b", bg_image_base64=BASE64)

    assert text(reply) == "More than one background was sent. Send one at most."


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_body_is_a_400(gateway: ServedGateway, name: str) -> None:
    reply = await post(gateway, *BAD_BODIES[name])

    assert reply.status == 400
    assert text(reply)


async def test_a_picture_behind_that_is_bad_is_told_as_such(gateway: ServedGateway) -> None:
    reply = await sent(gateway, bg_image_base64="%%%")

    assert (reply.status, text(reply)) == (
        400,
        "Background: bg_image_base64 is not valid base64.",
    )


async def test_a_neutral_position_is_not_named(gateway: ServedGateway) -> None:
    assert "X-Ignored-Fields" not in (await sent(gateway, position="50%")).headers


@pytest.mark.parametrize("name", STATUSES)
async def test_a_failure_of_the_segmenter_is_worded(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES[name]
    reply = await sent(gateway)

    assert reply.status == STATUSES[name]
    assert text(reply)
    assert ("Retry-After" in reply.headers) == (reply.status == 503)


@pytest.mark.parametrize("path", [REMOVE, BALANCE])
@pytest.mark.parametrize("key", ["", "wrong"])
async def test_no_key_and_a_wrong_one_read_the_same(
    gateway: ServedGateway, path: str, key: str
) -> None:
    reply = await gateway.ask("POST", path, headers={"API-KEY": key})

    assert (reply.status, reply.json()["error"]) == (401, "invalid api key")
    assert "WWW-Authenticate" in reply.headers


async def test_subscription_inactive(gateway: ServedGateway, database: Database) -> None:
    await suspend(database)

    assert (await sent(gateway)).status == 401


async def test_rate_limited(serve_gateway: ServeGateway, database: Database) -> None:
    gateway = await serve_gateway()
    gateway.key = await key_of_one_request(database)

    first, second = await sent(gateway), await sent(gateway)

    assert first.headers["X-RateLimit-Remaining"] == "0"
    assert (second.status, text(second)) == (429, "Api rate limit crossed")
    assert int(second.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("size_bytes", "status"), [(MIB, 200), (MIB + 1, 400)])
async def test_its_own_limit_of_bytes_holds(
    serve_gateway: ServeGateway, size_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(slazzer_mb=1))
    body = multipart(("source_image_file", bytes(size_bytes)))

    assert (await post(gateway, body, FORM)).status == status


async def test_a_slow_body_is_a_408(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=0.05))
    head = f"POST {REMOVE} HTTP/1.1\r\nHost: x\r\nAPI-KEY: {gateway.key}\r\nContent-Length: 9\r\n"
    reply = await gateway.exchange(f"{head}Content-Type: {FORM['Content-Type']}\r\n\r\n".encode())

    assert reply.status == 408
    assert text(reply)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v2.0", 404), ("POST", "/v2.0/x", 404), ("GET", REMOVE, 405)],
)
async def test_other_paths_and_methods(
    gateway: ServedGateway, method: str, path: str, status: int
) -> None:
    reply = await gateway.ask(method, path)

    assert reply.status == status
    assert text(reply)


@pytest.mark.parametrize("how", ["urlencoded", "multipart", "json", "header"])
async def test_the_balance_is_asked_for_in_four_ways(serve_gateway: ServeGateway, how: str) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(credits=77))
    key = gateway.key
    body, headers = {
        "urlencoded": (urlencode({"api_key": key}).encode(), URLENCODED),
        "multipart": (multipart(("api_key", key.encode())), FORM),
        "json": (json.dumps({"api_key": key}).encode(), JSON),
        "header": (b"", {"API-KEY": key}),
    }[how]
    reply = await gateway.ask("POST", BALANCE, data=io.BytesIO(body), headers=headers)

    assert (reply.status, reply.json()) == (200, {"total_credits": 77})
    [line] = gateway.access_lines()
    assert line["key_fingerprint"]


async def test_errors_of_the_balance_have_a_status(gateway: ServedGateway) -> None:
    body = io.BytesIO(urlencode({"api_key": "wrong"}).encode())
    reply = await gateway.ask("POST", BALANCE + "/", data=body, headers=URLENCODED)

    assert (reply.status, reply.json()) == (401, {"status": "error", "error": "invalid api key"})


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", JSON), (b"", {"Content-Type": "multipart/form-data"}), (bytes(32 * KIB), URLENCODED)],
    ids=["malformed", "no boundary", "too large"],
)
async def test_a_bad_key_in_the_head_comes_before_a_bad_body(
    gateway: ServedGateway, body: bytes, headers: dict[str, str]
) -> None:
    headers = {**headers, "API-KEY": "wrong"}
    reply = await gateway.ask("POST", BALANCE, data=io.BytesIO(body), headers=headers)

    assert (reply.status, reply.json()["error"]) == (401, "invalid api key")


@pytest.mark.parametrize(("size_bytes", "status"), [(16 * KIB, 200), (16 * KIB + 2, 400)])
async def test_the_form_of_the_balance_is_small(
    gateway: ServedGateway, size_bytes: int, status: int
) -> None:
    form = f"api_key={gateway.key}&pad="
    body = io.BytesIO(form.ljust(size_bytes, "x").encode())
    reply = await gateway.ask("POST", BALANCE, data=body, headers=URLENCODED)

    assert reply.status == status


async def test_switched_off_its_paths_are_unknown(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(enabled=()))
    reply = await sent(gateway)

    assert (reply.status, reply.error()["code"]) == (404, "not_found")
