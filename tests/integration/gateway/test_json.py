"""JSON requests: their answers, and keys that stand in the body."""

import asyncio
import base64
import json

import pytest

from gateway.settings import AdmissionSettings, KeysSettings, UploadSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import PATIENCE_S, Reply, ServedGateway

IMAGE = base64.b64encode(b"an image").decode()
JSON = {"Content-Type": "application/json"}
ALPHA = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA


async def test_a_json_request_is_answered_with_json(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"png bytes", width_px=3, height_px=2)

    reply = await _post(gateway, {"image_base64": IMAGE})

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json() == {
        "image": base64.b64encode(b"png bytes").decode(),
        "format": "png",
        "width": 3,
        "height": 2,
    }
    assert segmenter.calls[0].image == b"an image"
    assert reply.headers["X-Width"] == "3"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"image": IMAGE}, "mask"),
        ({"image": IMAGE, "channels": "rgba"}, "image"),
        ({"image_file_b64": IMAGE, "channels": "alpha"}, "mask"),
    ],
)
async def test_the_matte_alone_is_called_mask(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: dict[str, str], name: str
) -> None:
    reply = await _post(gateway, body)

    assert name in reply.json()
    assert (segmenter.calls[0].options.channels == ALPHA) == (name == "mask")


async def test_whoever_accepts_images_gets_bytes(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"png bytes")

    reply = await _post(gateway, {"image_base64": IMAGE}, {"Accept": "image/*"})

    assert (reply.body, reply.headers["Content-Type"]) == (b"png bytes", "image/png")


async def test_accept_may_stand_in_several_lines(gateway: ServedGateway) -> None:
    body = json.dumps({"image_base64": IMAGE}).encode()
    head = gateway.head({"Content-Type": "application/json", "Content-Length": len(body)})
    accept = b"Accept: text/html\r\nAccept: image/png\r\n\r\n"

    reply = await gateway.exchange(head.removesuffix(b"\r\n") + accept + body)

    assert reply.headers["Content-Type"] == "image/png"


async def test_errors_of_json_requests_are_in_the_envelope(gateway: ServedGateway) -> None:
    reply = await gateway.post(b"{", JSON | {"Accept": "image/*"})

    assert (reply.status, reply.error()["code"]) == (400, "invalid_json")


async def test_a_key_in_the_body_is_accepted(gateway: ServedGateway) -> None:
    reply = await _ask(gateway, {"api_key": gateway.key, "image_base64": IMAGE})

    assert reply.status == 200
    assert "X-Ignored-Fields" not in reply.headers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"image_base64": IMAGE}, "missing_api_key"),
        ({"image_base64": IMAGE, "api_key": "nonsense"}, "invalid_api_key"),
    ],
)
async def test_without_a_good_key_a_json_body_is_refused(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: dict[str, str], code: str
) -> None:
    reply = await _ask(gateway, body)

    assert (reply.status, reply.error()["code"]) == (401, code)
    assert segmenter.calls == []


async def test_the_header_wins_over_the_body(gateway: ServedGateway) -> None:
    body = {"image_base64": IMAGE, "api_key": gateway.key}

    refused = await _ask(gateway, body, {"x-api-key": "nonsense"})
    served = await _post(gateway, body | {"api_key": "nonsense"})

    assert (refused.status, served.status) == (401, 200)


async def test_a_key_in_the_body_is_no_key_where_that_is_switched_off(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(keys=KeysSettings(json_field=False))

    reply = await _ask(gateway, {"image_base64": IMAGE, "api_key": gateway.key})

    assert (reply.status, reply.error()["code"]) == (401, "missing_api_key")


async def test_strangers_bodies_have_a_budget_that_callers_with_a_key_do_not_need(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(
        upload=UploadSettings(image_bytes=1000, text_bytes=1000, slack_bytes=1),
        admission=AdmissionSettings(strangers_bytes=4 * 1001),
    )
    stranger = {"Host": "gateway", "Content-Type": "application/json", "Content-Length": 1000}
    lines = ["POST /v2 HTTP/1.1", *(f"{name}: {value}" for name, value in stranger.items()), "", ""]
    body = {"image_base64": IMAGE, "api_key": gateway.key}
    async with gateway.connection() as (reader, writer):
        writer.write("\r\n".join(lines).encode() + b"{")
        await gateway.until(lambda: "in_flight_bytes 3.0" in gateway.metrics())
        while_it_is_announced = await _ask(gateway, body)
        writer.write(b" " * 998)
        await gateway.until(lambda: "in_flight_bytes 2997.0" in gateway.metrics())
        while_it_is_here = await _ask(gateway, body)
        with_a_key = await _post(gateway, {"image_base64": IMAGE})
        writer.write(b"}")
        async with asyncio.timeout(PATIENCE_S):
            refusal = await reader.readuntil(b"\r\n")

    assert (while_it_is_announced.status, with_a_key.status) == (200, 200)
    assert (while_it_is_here.status, while_it_is_here.error()["code"]) == (503, "overloaded")
    assert b" 401 " in refusal
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def _post(
    gateway: ServedGateway, body: dict[str, str], headers: dict[str, str] | None = None
) -> Reply:
    return await _ask(gateway, body, {"x-api-key": gateway.key, **(headers or {})})


async def _ask(
    gateway: ServedGateway, body: dict[str, str], headers: dict[str, str] | None = None
) -> Reply:
    content = json.dumps(body).encode()
    return await gateway.ask("POST", "/v2", data=content, headers=JSON | (headers or {}))
