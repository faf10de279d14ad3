"""Clients that leave: nobody works on for them."""

import asyncio

import pytest

from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    image_form,
    multipart,
    read_final,
    read_reply,
    rest,
)

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}


async def test_a_client_that_leaves_cancels_the_work(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    body = multipart(("image_file", b"image"))

    async with asyncio.timeout(PATIENCE_S):
        async with gateway.connection() as (_, writer):
            writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
            await segmenter.called.wait()
        await segmenter.cancelled.wait()

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    (line,) = gateway.access_lines()
    assert (line["status"], line["code"]) == (499, "client_closed")
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert gateway.counted("refusals_total") == 0


async def test_a_client_that_leaves_while_it_uploads_costs_nothing_more(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    async with gateway.connection() as (_, writer):
        writer.write(gateway.head(FORM | {"Content-Length": 1000}) + b"--b\r\n")
        await gateway.until(lambda: "in_flight_bytes 2000.0" in gateway.metrics())

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    assert gateway.access_lines()[0]["code"] == "client_closed"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert segmenter.calls == []


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
async def test_a_client_that_closes_its_side_gets_its_answer(
    gateway: ServedGateway, segmenter: FakeSegmenter, version: str, connection: str
) -> None:
    segmenter.behaviour = Answer(image=b"png")
    body = multipart(("image_file", b"image"))
    head = gateway.head(FORM | {"Content-Length": len(body), "Connection": connection})

    async with gateway.connection() as (reader, writer):
        writer.write(head.replace(b"HTTP/1.1", version.encode()) + body)
        writer.write_eof()
        reply = await read_final(reader)
        assert await rest(reader) == b""

    assert (reply.status, reply.body) == (200, b"png")
    assert [line["status"] for line in gateway.access_lines()] == [200]


async def test_a_client_that_closes_its_side_is_asked_whether_it_is_there_and_waits_on(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", gate=gate)
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        writer.write_eof()
        interim = await read_reply(reader)
        gate.set()
        reply = await read_final(reader)
        assert await rest(reader) == b""

    assert (interim.status, reply.status, reply.body) == (100, 200, b"png")
    assert not segmenter.cancelled.is_set()


async def test_all_requests_that_came_before_a_client_closed_its_side_are_answered(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body = multipart(("image_file", b"image"))
    request = gateway.head(FORM | {"Content-Length": len(body)}) + body

    async with gateway.connection() as (reader, writer):
        writer.write(request * 3)
        writer.write_eof()
        replies = [await read_final(reader) for _ in range(3)]
        assert await rest(reader) == b""

    assert [reply.status for reply in replies] == [200] * 3
    assert len(segmenter.calls) == 3


async def test_a_client_that_closes_its_side_before_its_body_ends_gets_no_answer(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": 1000}) + b"--b\r\n")
        writer.write_eof()
        assert await rest(reader) == b""

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    assert gateway.access_lines()[0]["code"] == "client_closed"
    assert segmenter.calls == []


async def test_a_client_that_leaves_while_it_is_answered_ends_the_answer(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(50_000_000))
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        writer.write_eof()
        await reader.readuntil(b"\r\n\r\n")

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    assert gateway.access_lines()[0]["code"] == "client_closed"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert "gateway_connections 0.0" in gateway.metrics()


async def test_others_are_served_on(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", gate=gate)
    staying = asyncio.create_task(gateway.post(image_form()))
    body = multipart(("image_file", b"image"))

    async with asyncio.timeout(PATIENCE_S):
        async with gateway.connection() as (_, writer):
            writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
            await gateway.until(lambda: len(segmenter.calls) == 2)
        await segmenter.cancelled.wait()
        gate.set()
        reply = await staying

    assert (reply.status, reply.body) == (200, b"png")
