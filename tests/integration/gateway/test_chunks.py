"""Images on their way through the gateway, chunk by chunk, and what may befall them there."""

import asyncio
import json

import aiohttp
import grpc
import pytest

from gateway.settings import HttpSettings, SegmenterSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)

CHUNK_BYTES = 256 * 1024
SHORT_S = 0.2
FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}

LARGE = 100 * 2**20
"""More than sockets and gRPC hold on their own."""

DEAD = Failure(grpc.StatusCode.UNAVAILABLE, message="Socket closed")


@pytest.mark.parametrize(
    ("size_bytes", "chunks"),
    [
        (1, (1,)),
        (CHUNK_BYTES, (CHUNK_BYTES,)),
        (CHUNK_BYTES + 1, (CHUNK_BYTES, 1)),
        (3 * CHUNK_BYTES, (CHUNK_BYTES,) * 3),
    ],
)
async def test_an_image_is_sent_on_in_chunks_and_arrives_whole(
    gateway: ServedGateway, segmenter: FakeSegmenter, size_bytes: int, chunks: tuple[int, ...]
) -> None:
    image = bytes(index % 251 for index in range(size_bytes))

    reply = await gateway.post(image_form(image))

    assert reply.status == 200
    assert segmenter.calls[0].chunks == chunks
    assert segmenter.calls[0].image == image


async def test_a_refusal_before_the_image_is_sent_is_told_with_its_reason(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Failure(
        grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=2.5, early=True
    )

    reply = await gateway.post(image_form(bytes(10_000_000)))

    assert (reply.status, reply.error()["code"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "3"
    assert segmenter.calls == []


async def test_a_segmenter_that_dies_under_an_image_is_an_outage(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(reading=asyncio.Event())
    asked = asyncio.create_task(gateway.post(image_form(bytes(20_000_000))))
    await gateway.until(lambda: segmenter.has_been_asked(1))

    await segmenter.die()
    reply = await asked

    assert (reply.status, reply.error()["code"]) == (503, "unavailable")
    assert gateway.access_lines()[0]["origin"] == "segmenter"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


BROKEN = {
    "dies": (Answer(image=bytes(3_000_000), told_bytes=3_000_001, end=DEAD), (503, "unavailable")),
    "dies at the very end": (Answer(image=bytes(3_000_000), end=DEAD), (503, "unavailable")),
    "dies before any": (Answer(image=b"", told_bytes=3_000_000, end=DEAD), (503, "unavailable")),
    "ends too early": (
        Answer(image=bytes(3_000_000), told_bytes=3_000_001),
        (500, "internal_error"),
    ),
    "ends too late": (
        Answer(image=bytes(3_000_000), told_bytes=2_999_999),
        (500, "internal_error"),
    ),
}


@pytest.mark.parametrize("accept", ["image/*", "application/json"])
@pytest.mark.parametrize(("behaviour", "outcome"), BROKEN.values(), ids=BROKEN.keys())
async def test_an_answer_that_breaks_off_never_looks_whole(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    behaviour: Answer,
    outcome: tuple[int, str],
    accept: str,
) -> None:
    segmenter.behaviour = behaviour
    body = json.dumps({"image_base64": "aW1hZ2U="}).encode()
    headers = {"Content-Type": "application/json", "Accept": accept}

    with pytest.raises(aiohttp.ClientError):
        await gateway.post(body, headers)

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    (line,) = gateway.access_lines()
    assert (line["status"], line["code"]) == outcome
    assert line["origin"] == "segmenter"
    assert "mattebox_gateway_images_total 0.0" in gateway.metrics()
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert [each for each in gateway.log_lines() if each["level"] == "error"] == []
    usage = (await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})).json()
    assert usage["usage"]["images"] == 0


async def test_a_connection_whose_answer_broke_off_serves_nobody_else(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(3_000_000), told_bytes=4_000_000)
    with pytest.raises(aiohttp.ClientError):
        await gateway.post(image_form())

    segmenter.behaviour = Answer(image=b"png")
    assert (await gateway.post(image_form())).body == b"png"


async def test_a_segmenter_that_stops_amid_its_answer_is_waited_for_no_longer(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(
        segmenter=SegmenterSettings(target=segmenter.target, timeout_s=SHORT_S)
    )
    segmenter.behaviour = Answer(image=bytes(3_000_000), told_bytes=4_000_000, end=asyncio.Event())

    with pytest.raises(aiohttp.ClientError):
        await gateway.post(image_form())

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    (line,) = gateway.access_lines()
    assert (line["status"], line["code"], line["origin"]) == (504, "timeout", "segmenter")
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.cancelled.wait()


@pytest.mark.parametrize("stuck", ["asking", "reading", "gate"])
async def test_a_cut_out_that_is_not_there_in_time_is_504_and_worked_on_no_more(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, stuck: str
) -> None:
    gateway = await serve_gateway(
        segmenter=SegmenterSettings(target=segmenter.target, timeout_s=SHORT_S)
    )
    segmenter.behaviour = Answer(**{stuck: asyncio.Event()})  # type: ignore[arg-type]

    reply = await gateway.post(image_form(bytes(20_000_000)))

    assert (reply.status, reply.error()["code"]) == (504, "timeout")
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.cancelled.wait()


async def test_an_answer_that_is_not_read_stays_with_the_segmenter(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, stall_timeout_s=SHORT_S))
    segmenter.behaviour = Answer(image=bytes(LARGE))
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (_, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await gateway.until(lambda: len(gateway.access_lines()) == 1)
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.cancelled.wait()

    assert gateway.access_lines()[0]["code"] == "client_closed"
    assert segmenter.answered_bytes < LARGE // 2


async def test_an_answer_may_take_longer_to_read_than_to_make(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(
        segmenter=SegmenterSettings(target=segmenter.target, timeout_s=SHORT_S)
    )
    segmenter.behaviour = Answer(image=bytes(LARGE))
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await gateway.until(lambda: segmenter.answered_bytes > 0)
        read_from_s = asyncio.get_running_loop().time() + 2 * SHORT_S
        await gateway.until(lambda: asyncio.get_running_loop().time() > read_from_s)
        reply = await read_reply(reader)

    assert (reply.status, len(reply.body)) == (200, LARGE)


async def test_a_client_that_leaves_amid_its_answer_ends_it(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(LARGE))
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await reader.readexactly(1_000_000)
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.cancelled.wait()

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    assert gateway.access_lines()[0]["code"] == "client_closed"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
