"""What a gateway does while its segmenters have more to do than they can."""

import asyncio

import grpc
import pytest

from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    Reply,
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)

OVERLOADED = Failure(
    grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=3.0, early=True
)
FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture
async def other_key(database: Database) -> str:
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL)
    return key


async def head_alone(gateway: ServedGateway) -> Reply:
    """Announces a body, sends none of it, and takes the answer."""
    return await gateway.exchange(gateway.head(FORM | {"Content-Length": 1_000_000}))


async def test_the_segmenter_is_told_whose_picture_it_is_by_a_fingerprint(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    await gateway.post(image_form())

    (call,) = segmenter.calls
    (line,) = gateway.access_lines()
    assert call.caller == line["key_fingerprint"]
    assert call.caller.startswith("tok_fp_")


async def test_after_a_refusal_the_next_one_comes_before_the_body(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = OVERLOADED
    first = await gateway.post(image_form())

    reply = await head_alone(gateway)

    for each in (first, reply):
        assert (each.status, each.error()["code"]) == (503, "overloaded")
        assert each.headers["Retry-After"] == "3"
    assert len(segmenter.announced_bytes) == 1
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_later_the_segmenter_is_asked_and_refusals_still_come_before_the_body(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = OVERLOADED
    await gateway.post(image_form())

    async with asyncio.timeout(PATIENCE_S):
        while not segmenter.questions:
            assert (await head_alone(gateway)).status == 503

    assert len(segmenter.announced_bytes) == 1
    assert segmenter.questions[0].startswith("tok_fp_")


async def test_once_there_is_room_again_requests_are_served(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = OVERLOADED
    await gateway.post(image_form())
    segmenter.behaviour = Answer()

    async with asyncio.timeout(PATIENCE_S):
        while (reply := await gateway.post(image_form())).status != 200:
            assert reply.error()["code"] == "overloaded"

    assert segmenter.questions


async def test_the_refusal_of_one_key_is_not_that_of_another(
    gateway: ServedGateway, segmenter: FakeSegmenter, other_key: str
) -> None:
    segmenter.behaviour = OVERLOADED
    await gateway.post(image_form())
    segmenter.behaviour = Answer()

    reply = await gateway.post(image_form(), {"x-api-key": other_key})

    assert reply.status == 200
    assert segmenter.questions == []


async def test_without_any_segmenter_the_refusal_comes_before_the_body(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    await segmenter.die()
    await gateway.reaches("/v2/health", 503)

    reply = await head_alone(gateway)

    assert (reply.status, reply.error()["code"]) == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) >= 1


async def test_uploads_of_one_key_leave_memory_for_those_of_another(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, other_key: str
) -> None:
    gateway = await serve_gateway()
    body = multipart(("image_file", b"image"))
    largest = FORM | {"Content-Length": 30 * 2**20}
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        uploads = [group.create_task(_begin(gateway, largest)) for _ in range(20)]
        await gateway.until(lambda: len(gateway.access_lines()) > 0)

        modest = await gateway.exchange(
            gateway.head(FORM | {"Content-Length": len(body)}).replace(
                gateway.key.encode(), other_key.encode()
            )
            + body
        )
        for upload in uploads:
            upload.cancel()

    assert modest.status == 200
    assert len(segmenter.calls) == 1


async def _begin(gateway: ServedGateway, headers: dict[str, str | int]) -> None:
    """Begins an upload that never ends, or takes its refusal."""
    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(headers))
        reply = await read_reply(reader)
        assert reply.error()["code"] in {"overloaded", "request_timeout"}
