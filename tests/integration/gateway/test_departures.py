"""Clients that leave: nobody works on for them."""

import asyncio

from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    image_form,
    multipart,
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
    assert "refusals_total{" not in gateway.metrics()


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
