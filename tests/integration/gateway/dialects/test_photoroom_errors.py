"""How Photoroom's basic endpoint tells failures, row by row."""

import pytest

from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.dialects.failing_requests import (
    SEGMENTERS_FAILURES,
    key_of_one_request,
    suspend,
)
from tests.integration.gateway.dialects.photoroom_client import (
    FORM,
    IMAGE,
    JSON,
    SEGMENT,
    URLENCODED,
    account_failure,
    failure,
    get,
    post,
)
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)

MIB = 2**20
WITHOUT_IMAGE: dict[str, tuple[bytes, dict[str, str]]] = {
    "no body": (b"", {}),
    "no field": (multipart(("format", b"png")), FORM),
    "an empty file": (multipart(("image_file", b"")), FORM),
    "an empty text": (b"image_file_b64=&crop=true", URLENCODED),
    "null": (b'{"image_file_b64": null}', JSON),
    "image_url alone": (multipart(("image_url", b"https://a.example/b.png")), FORM),
    "unsupported_media_type": (IMAGE, {"Content-Type": "image/png"}),
    "a compressed body": (
        multipart(("image_file", IMAGE)),
        {**FORM, "Content-Encoding": "gzip"},
    ),
    "invalid_json": (b'{"image_file_b64": ', JSON),
    "unparsable body": (b"--c\r\n\r\n", FORM),
    "a body without a boundary": (b"--b--", {"Content-Type": "multipart/form-data"}),
}

BAD_OPTIONS = {
    "format": "gif",
    "channels": "rgb",
    "bg_color": "no colour",
    "size": "4k",
    "crop": "perhaps",
    "despill": "green",
}

FAILURES = {
    "unsupported_image_format": (400, "invalid_image"),
    "invalid_image": (400, "invalid_image"),
    "no usable width or height": (400, "invalid_image"),
    "image_too_large (bytes)": (400, "image_too_large"),
    "image_too_large (pixels)": (400, "image_too_large"),
    "overloaded": (503, "unknown_error"),
    "unavailable": (503, "unknown_error"),
    "timeout": (504, "unknown_error"),
    "internal_error": (500, "unknown_error"),
}


@pytest.mark.parametrize("body", WITHOUT_IMAGE)
async def test_without_an_image_it_is_missing(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: str
) -> None:
    reply = await post(gateway, *WITHOUT_IMAGE[body])

    assert failure(reply)[:2] == (400, "missing_image")
    if not body.startswith(("invalid_json", "unparsable", "a body", "a compressed")):
        assert failure(reply)[2] == "Please provide an image."
    assert segmenter.calls == []


@pytest.mark.parametrize("name", BAD_OPTIONS)
async def test_a_bad_option_is_an_invalid_parameter(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    reply = await post(gateway, image_form(IMAGE, **{name: BAD_OPTIONS[name]}))

    status, kind, detail = failure(reply)
    assert (status, kind) == (400, "invalid_parameter")
    assert detail.startswith(name)
    assert segmenter.calls == []


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_of_the_segmenter_has_its_status_and_type(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES[name]

    reply = await post(gateway, image_form(IMAGE))

    assert failure(reply)[:2] == FAILURES[name]
    assert reply.headers.get("Retry-After") == ("3" if reply.status == 503 else None)


async def test_invalid_base64_is_an_invalid_image(gateway: ServedGateway) -> None:
    reply = await post(gateway, b'{"image_file_b64": "no base64!"}', JSON)

    assert failure(reply)[:2] == (400, "invalid_image")


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": "nonsense"}, {"x-api-key": "sandbox_"}],
    ids=["missing_api_key", "invalid_api_key", "sandbox_"],
)
async def test_a_bad_key_is_unauthorized_in_both_shapes(
    gateway: ServedGateway, headers: dict[str, str]
) -> None:
    if headers.get("x-api-key") == "sandbox_":
        headers = {"x-api-key": f"sandbox_{gateway.key}"}
    reply = await gateway.ask(
        "POST", f"{SEGMENT}?api_key={gateway.key}", data=b"no form", headers=headers
    )

    assert failure(reply) == (403, "unauthorized", "Unauthorized")
    assert reply.json()["error"] == {"message": "Unauthorized"}
    assert "WWW-Authenticate" not in reply.headers


async def test_a_suspended_account_is_unauthorized(
    gateway: ServedGateway, database: Database
) -> None:
    await suspend(database)

    replies = [await post(gateway, image_form(IMAGE)), await get(gateway)]

    assert failure(replies[0])[:2] == (403, "unauthorized")
    assert account_failure(replies[1]) == (403, "Unauthorized")


async def test_past_its_rate_a_key_is_told_when_to_come_back(
    gateway: ServedGateway, database: Database
) -> None:
    headers = {"x-api-key": await key_of_one_request(database)}

    replies = [await post(gateway, image_form(IMAGE), headers) for _ in range(2)]
    replies.append(await get(gateway, headers=headers))

    assert [reply.status for reply in replies] == [200, 429, 429]
    assert failure(replies[1])[1] == "rate_limit_exceeded"
    assert account_failure(replies[2])[0] == 429
    for reply in replies[1:]:
        assert int(reply.headers["Retry-After"]) >= 1
        assert reply.headers["X-RateLimit-Remaining"] == "0"


async def test_a_body_that_stops_is_408(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=0.2))
    head = f"POST {SEGMENT} HTTP/1.1\r\nHost: a\r\nX-Api-Key: {gateway.key}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 100\r\n\r\n"

    reply = await gateway.exchange(head.encode())

    assert failure(reply)[:2] == (408, "request_timeout")


@pytest.mark.parametrize(
    ("path", "method", "status", "kind"),
    [
        (SEGMENT, "GET", 405, "method_not_allowed"),
        (SEGMENT, "PUT", 405, "method_not_allowed"),
        ("/v1", "GET", 404, "not_found"),
        ("/v1/edit", "POST", 404, "not_found"),
        ("/v1/segment/more", "POST", 404, "not_found"),
        ("/v1/account/more", "GET", 404, "not_found"),
    ],
)
async def test_what_is_not_there_is_told_in_the_words_of_the_tree(
    gateway: ServedGateway, path: str, method: str, status: int, kind: str
) -> None:
    reply = await gateway.ask(method, path)

    assert failure(reply)[:2] == (status, kind)
    if status == 405:
        assert reply.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1x", "/v1.5/segment", "/v2/edit", "/v2/segment"])
async def test_outside_of_the_tree_the_words_are_others(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("POST", path)

    assert reply.error()["code"] == "not_found"


async def test_a_refusal_can_be_read_by_a_client_that_still_sends(gateway: ServedGateway) -> None:
    body = multipart(("image_file", bytes(8 * MIB)))
    head = f"POST {SEGMENT} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\n\r\n"

    async with gateway.connection() as (reader, writer):
        writer.write(head.encode() + body)
        await writer.drain()
        reply = await read_reply(reader)

    assert failure(reply)[:2] == (403, "unauthorized")
