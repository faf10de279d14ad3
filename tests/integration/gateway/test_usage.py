"""What is metered: each picture that was delivered to a live key, once, and nothing else."""

import asyncio
from datetime import UTC, datetime

import grpc
import pytest

from gateway.accounts.store import open_store
from gateway.settings import UsageSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway, image_form

TWO_MEGAPIXELS = Answer(width_px=1000, height_px=2000)


async def test_delivered_pictures_are_on_the_account_at_once(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = TWO_MEGAPIXELS
    before = await _account(gateway)
    for _ in range(3):
        await gateway.post(image_form())

    after = await _account(gateway)

    period = f"{datetime.now(UTC):%Y-%m}"
    assert before["usage"] == {"period": period, "images": 0, "megapixels": 0.0}
    assert after["usage"] == {"period": period, "images": 3, "megapixels": 6.0}


async def test_usage_reaches_the_database_while_the_gateway_runs(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, database: Database
) -> None:
    segmenter.behaviour = TWO_MEGAPIXELS
    gateway = await serve_gateway(usage=UsageSettings(flush_s=0.05))
    for _ in range(3):
        await gateway.post(image_form())

    today = datetime.now(UTC).date()
    async with open_store(database.url) as store, asyncio.timeout(PATIENCE_S):
        while not (rows := await store.usage_rows(today, today)) or rows[0].images < 3:
            pass

    assert [(row.email, row.images, row.pixels) for row in rows] == [(EMAIL, 3, 6_000_000)]
    assert (await _account(gateway))["usage"]["images"] == 3
    assert "mattebox_gateway_images_total 3.0" in gateway.metrics()
    assert "mattebox_gateway_pixels_total 6e+06" in gateway.metrics()


async def test_the_account_tells_the_same_whether_usage_is_written_or_not(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(usage=UsageSettings(flush_s=0.05))
    for delivered in range(1, 21):
        await gateway.post(image_form())
        told = [(await _account(gateway))["usage"]["images"] for _ in range(5)]
        assert told == [delivered] * 5


async def test_failures_and_refusals_are_not_metered(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
    await gateway.post(image_form())
    segmenter.behaviour = Answer()
    await gateway.post(image_form(format="nonsense"))
    await gateway.post(b"")

    assert (await _account(gateway))["usage"]["images"] == 0


async def test_an_answer_that_its_client_did_not_take_is_not_metered(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(50_000_000))
    body = b"image"
    async with gateway.connection() as (_, writer):
        writer.write(gateway.head({"Content-Length": len(body)}) + body)
        await gateway.until(lambda: segmenter.answered_bytes > 0)

    await gateway.until(lambda: len(gateway.access_lines()) == 1)
    assert (await _account(gateway))["usage"]["images"] == 0


@pytest.mark.parametrize("mode", ["admin", "synthetic"])
async def test_keys_of_operators_and_probes_are_served_and_neither_metered_nor_limited(
    gateway: ServedGateway, database: Database, mode: str
) -> None:
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL, mode="admin" if mode == "admin" else "synthetic")
    headers = {"x-api-key": key}

    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)
    account = (await gateway.ask("GET", "/v2/account", headers=headers)).json()

    assert reply.status == 200
    assert "X-RateLimit-Limit" not in reply.headers
    assert account["api_key"]["mode"] == mode
    assert account["usage"]["images"] == 0


async def _account(gateway: ServedGateway) -> dict[str, dict[str, object]]:
    reply = await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})
    assert reply.status == 200
    content: dict[str, dict[str, object]] = reply.json()
    return content
