"""Clipdrop's dialect over real sockets."""

import gzip
import io
from collections.abc import Mapping
from typing import Any

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
from tests.integration.gateway.served_gateway import (
    NO_HEADERS,
    Reply,
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)

PATH = "/remove-background/v1"
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
IMAGE = b"an image"
MIB = 2**20
PNG = v1.OutputFormat.OUTPUT_FORMAT_PNG
WEBP = v1.OutputFormat.OUTPUT_FORMAT_WEBP
JPEG = v1.OutputFormat.OUTPUT_FORMAT_JPEG

NO_IMAGE = "Missing image. Send it as the multipart field image_file."
WITHOUT_IMAGE: dict[str, tuple[bytes, dict[str, str]]] = {
    "no body": (b"", {}),
    "no field": (multipart(("transparency_handling", b"discard_alpha_layer")), FORM),
    "an empty file": (multipart(("image_file", b"")), FORM),
    "image_url": (multipart(("image_url", b"https://a.example/b.png")), FORM),
    "image_file_b64": (multipart(("image_file_b64", b"AAAA")), FORM),
    "raw": (IMAGE, {"Content-Type": "image/png"}),
    "json": (b'{"image_file_b64": "AAAA"}', {"Content-Type": "application/json"}),
    "broken json": (b"{", {"Content-Type": "application/json"}),
    "urlencoded": (b"image_file=AAAA", {"Content-Type": "application/x-www-form-urlencoded"}),
}

FAILURES = {
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


async def post(
    gateway: ServedGateway, body: Any, headers: Mapping[str, str] = NO_HEADERS, path: str = PATH
) -> Reply:
    """Posts a body with the key."""
    data = io.BytesIO(body) if isinstance(body, bytes) and body else body
    return await gateway.ask("POST", path, data=data, headers={"x-api-key": gateway.key, **headers})


def failure(reply: Reply) -> tuple[int, str]:
    """Status and text of an error, after checking that it is one of this dialect's."""
    text = reply.json()["error"]
    assert reply.json() == {"error": text}
    assert isinstance(text, str)
    assert text
    return reply.status, text


async def test_a_picture_is_answered_as_a_file(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post(gateway, image_form(IMAGE))

    assert (reply.status, reply.body) == (200, Answer().image)
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["X-Remaining-Credits"] == "1000000"
    assert reply.headers["X-Credits-Consumed"] == "0"
    assert reply.headers["X-RateLimit-Remaining"] == "599"
    assert "X-Ignored-Fields" not in reply.headers
    (call,) = segmenter.calls
    assert call.image == IMAGE
    assert call.options == v1.CutOutOptions(
        format=PNG,
        channels=v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
        max_pixels=25_000_000,
        max_input_pixels=25_000_000,
        input_alpha=v1.InputAlpha.INPUT_ALPHA_RETURN,
    )


async def test_a_transparent_image_that_is_returned_costs_nothing(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(credits=77))
    segmenter.behaviour = Answer(image=IMAGE, is_input=True)

    reply = await post(gateway, image_form(IMAGE))

    assert (reply.status, reply.body) == (200, IMAGE)
    assert reply.headers["X-Remaining-Credits"] == "77"
    assert reply.headers["X-Credits-Consumed"] == "0"


@pytest.mark.parametrize(
    ("value", "input_alpha"),
    [
        ("", v1.InputAlpha.INPUT_ALPHA_RETURN),
        ("return_input_if_non_opaque", v1.InputAlpha.INPUT_ALPHA_RETURN),
        ("discard_alpha_layer", v1.InputAlpha.INPUT_ALPHA_DISCARD),
    ],
)
async def test_transparency_handling_is_told_to_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter, value: str, input_alpha: "v1.InputAlpha"
) -> None:
    reply = await post(gateway, image_form(IMAGE, transparency_handling=value))

    assert reply.status == 200
    assert segmenter.calls[0].options.input_alpha == input_alpha
    assert "X-Ignored-Fields" not in reply.headers


async def test_another_transparency_handling_is_400(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post(gateway, image_form(IMAGE, transparency_handling="keep"))

    status, text = failure(reply)
    assert status == 400
    assert "return_input_if_non_opaque" in text
    assert segmenter.calls == []


async def test_native_names_are_ignored_and_named(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    form = image_form(
        IMAGE, format="jpg", crop="true", bg_color="no colour", size="preview", channels="alpha"
    )

    reply = await post(gateway, form)

    assert reply.status == 200
    assert reply.headers["X-Ignored-Fields"] == "format, crop, bg_color, size, channels"
    options = segmenter.calls[0].options
    assert (options.format, options.crop, options.max_pixels) == (PNG, False, 25_000_000)
    assert options.channels == v1.OutputChannels.OUTPUT_CHANNELS_RGBA


@pytest.mark.parametrize(
    ("accept", "output_format", "content_type"),
    [
        (None, PNG, "image/png"),
        ("*/*", PNG, "image/png"),
        ("image/*", PNG, "image/png"),
        ("image/png", PNG, "image/png"),
        ("image/webp", WEBP, "image/webp"),
        ("image/jpeg", JPEG, "image/jpeg"),
        ("image/jpg", JPEG, "image/jpeg"),
        ("image/jpeg, image/webp, image/png", PNG, "image/png"),
        ("image/jpeg, image/webp", WEBP, "image/webp"),
        ("image/png;q=0.5, image/jpeg;q=0.9", JPEG, "image/jpeg"),
        ("application/json, image/webp", WEBP, "image/webp"),
    ],
)
async def test_accept_chooses_the_format(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    accept: str | None,
    output_format: int,
    content_type: str,
) -> None:
    segmenter.behaviour = Answer(output_format=output_format)
    body = multipart(("image_file", IMAGE))
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Api-Key: {gateway.key}\r\n"
    head += "" if accept is None else f"Accept: {accept}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n"

    reply = await gateway.exchange(head.encode() + body)

    assert reply.status == 200
    assert segmenter.calls[0].options.format == output_format
    assert reply.headers["Content-Type"] == content_type


@pytest.mark.parametrize("accept", ["application/json", "text/html", "image/gif", "image/png;q=0"])
async def test_what_cannot_be_met_is_406(
    gateway: ServedGateway, segmenter: FakeSegmenter, accept: str
) -> None:
    reply = await post(gateway, image_form(IMAGE), {"Accept": accept})

    assert failure(reply) == (406, "Accept header not acceptable")
    assert segmenter.calls == []
    assert "X-RateLimit-Remaining" in reply.headers


@pytest.mark.parametrize("body", WITHOUT_IMAGE)
async def test_without_an_image_it_is_missing(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: str
) -> None:
    reply = await post(gateway, *WITHOUT_IMAGE[body])

    assert failure(reply) == (400, NO_IMAGE)
    assert segmenter.calls == []


async def test_a_compressed_body_is_told_as_such(gateway: ServedGateway) -> None:
    body = multipart(("image_file", IMAGE))

    reply = await post(gateway, gzip.compress(body), {**FORM, "Content-Encoding": "gzip"})

    assert failure(reply) == (400, "Compressed bodies are not accepted. Send plain bytes.")


async def test_an_unparsable_form_is_400(gateway: ServedGateway) -> None:
    assert failure(await post(gateway, b"--c\r\n\r\n", FORM))[0] == 400


async def test_of_a_repeated_file_the_last_counts(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body = multipart(("image_file", b"x"), ("IMAGE_FILE", IMAGE), ("image_file", b""))

    assert (await post(gateway, body, FORM)).status == 200
    assert segmenter.calls[0].image == IMAGE


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_of_the_segmenter_has_its_status(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES[name]

    reply = await post(gateway, image_form(IMAGE))

    assert failure(reply)[0] == FAILURES[name]
    assert reply.headers.get("Retry-After") == ("3" if reply.status == 503 else None)
    assert "X-Credits-Consumed" not in reply.headers


async def test_missing_api_key(gateway: ServedGateway) -> None:
    path = f"{PATH}?api_key={gateway.key}"

    reply = await gateway.ask("POST", path, data=b"no form")

    assert failure(reply) == (401, "No api key provided")


async def test_invalid_api_key(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", PATH, data=b"no form", headers={"x-api-key": "nonsense"})

    assert failure(reply) == (403, "Invalid or revoked api key")
    assert "WWW-Authenticate" not in reply.headers


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Api-Key"])
async def test_the_key_may_come_as_authorization(gateway: ServedGateway, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {gateway.key}"}

    reply = await gateway.ask("POST", PATH, data=image_form(IMAGE), headers=headers)

    assert reply.status == 200


async def test_subscription_inactive(gateway: ServedGateway, database: Database) -> None:
    await suspend(database)

    assert failure(await post(gateway, image_form(IMAGE)))[0] == 403


async def test_rate_limited(gateway: ServedGateway, database: Database) -> None:
    headers = {"x-api-key": await key_of_one_request(database)}

    replies = [await post(gateway, image_form(IMAGE), headers) for _ in range(2)]

    assert replies[0].status == 200
    assert failure(replies[1]) == (429, "Too many requests")
    assert int(replies[1].headers["Retry-After"]) >= 1
    assert replies[1].headers["X-RateLimit-Remaining"] == "0"


async def test_request_timeout(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=0.2))
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nX-Api-Key: {gateway.key}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 100\r\n\r\n"

    assert failure(await gateway.exchange(head.encode()))[0] == 408


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("PUT", f"{PATH}/", 405),
        ("POST", "/remove-background", 404),
        ("POST", "/remove-background/v2", 404),
        ("GET", f"{PATH}/more", 404),
    ],
)
async def test_what_is_not_there_is_told_in_the_words_of_the_tree(
    gateway: ServedGateway, method: str, path: str, status: int
) -> None:
    reply = await gateway.ask(method, path)

    assert failure(reply)[0] == status
    assert reply.headers.get("Allow") == ("POST" if status == 405 else None)


@pytest.mark.parametrize("path", ["/remove-backgrounds/v1", "/replace-background/v1"])
async def test_outside_of_the_tree_the_words_are_others(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("POST", path)

    assert reply.error()["code"] == "not_found"


async def test_a_trailing_slash_is_no_redirect(gateway: ServedGateway) -> None:
    reply = await gateway.ask(
        "POST",
        f"{PATH}/",
        data=image_form(IMAGE),
        headers={"x-api-key": gateway.key},
        allow_redirects=False,
    )

    assert reply.status == 200


async def test_head_has_no_body(gateway: ServedGateway) -> None:
    reply = await gateway.ask("HEAD", PATH, headers={"x-api-key": gateway.key})

    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 400)])
async def test_the_largest_image_is_the_dialects(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(clipdrop_mb=1))

    reply = await post(gateway, multipart(("image_file", bytes(MIB + surplus_bytes))), FORM)

    assert reply.status == status
    if status == 400:
        assert failure(reply) == (400, "image too large (>1 MB).")


@pytest.mark.parametrize("megapixels", [1, 25, 50])
async def test_an_answer_is_as_large_as_the_largest_image(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, megapixels: int
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(clipdrop_mp=megapixels))

    await post(gateway, image_form(IMAGE))

    options = segmenter.calls[0].options
    assert options.max_input_pixels == options.max_pixels == megapixels * 1_000_000


async def test_a_refusal_can_be_read_by_a_client_that_still_sends(gateway: ServedGateway) -> None:
    body = multipart(("image_file", bytes(8 * MIB)))
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\n\r\n"

    async with gateway.connection() as (reader, writer):
        writer.write(head.encode() + body)
        await writer.drain()
        reply = await read_reply(reader)

    assert failure(reply) == (401, "No api key provided")
    assert "WWW-Authenticate" in reply.headers


async def test_switched_off_it_is_not_there_at_all(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(enabled=("photoroom",)))

    reply = await post(gateway, image_form(IMAGE))

    assert reply.error()["code"] == "not_found"


async def test_its_requests_are_counted_under_its_name(gateway: ServedGateway) -> None:
    await post(gateway, image_form(IMAGE))
    await gateway.ask("GET", "/remove-background/nothing")

    lines = gateway.access_lines()
    assert [line["dialect"] for line in lines] == ["clipdrop", "clipdrop"]
    assert f'dialect="clipdrop",method="POST",route="{PATH}"' in gateway.metrics()
