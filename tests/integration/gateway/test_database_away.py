"""Two gateways on one PostgreSQL that goes away and comes back."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from gateway.accounts.store import open_store
from gateway.settings import KeysSettings, UsageSettings
from tests.integration.gateway.database import Database, administration, new_database
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    Reply,
    ServedGateway,
    image_form,
    served_gateway,
)
from tests.postgres import PostgresServer, running_postgres

KEYS = KeysSettings.model_validate({"pepper": "5a" * 32, "cache_s": 0.05})


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
async def shared(postgres: PostgresServer) -> Database:
    database = await new_database(postgres.new_database(), KEYS)
    return dataclasses.replace(database, timeout_s=2.0)


@pytest.fixture
async def gateways(
    shared: Database, segmenter: FakeSegmenter
) -> AsyncIterator[tuple[ServedGateway, ServedGateway]]:
    usage = UsageSettings(flush_s=0.1)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(served_gateway(shared, segmenter.target, usage=usage))
            for _ in range(2)
        ]
        yield first, second


async def test_a_key_revoked_by_an_operator_is_refused_by_both(
    shared: Database, gateways: tuple[ServedGateway, ServedGateway]
) -> None:
    assert [(await gateway.post(image_form())).status for gateway in gateways] == [200, 200]

    async with administration(shared) as operator:
        (record,) = await operator.keys()
        await operator.revoke_key(record.key_id)

    for gateway in gateways:
        await _answers(gateway, 401)


@pytest.mark.parametrize(
    ("leave", "come_back"),
    [
        (PostgresServer.stop, PostgresServer.start),
        (PostgresServer.hang, PostgresServer.wake),
    ],
    ids=["stopped", "frozen"],
)
async def test_without_the_database_known_keys_are_served_and_nothing_of_their_usage_is_lost(
    shared: Database,
    gateways: tuple[ServedGateway, ServedGateway],
    postgres: PostgresServer,
    leave: Callable[[PostgresServer], None],
    come_back: Callable[[PostgresServer], None],
) -> None:
    first, second = gateways
    async with administration(shared) as operator:
        other_key, _ = await operator.create_key("someone@example.org")
    assert (await first.post(image_form())).status == 200

    leave(postgres)
    try:
        known = [await first.post(image_form())]
        async with asyncio.timeout(PATIENCE_S):
            while "mattebox_gateway_stale_keys_total 0.0" in first.metrics():
                known.append(await first.post(image_form()))
        unknown = await second.post(image_form())
        unknown_too = await first.ask("GET", "/v2/account", headers={"x-api-key": other_key})
        account = await first.ask("GET", "/v2/account", headers={"x-api-key": first.key})
        health = await first.ask("GET", "/v2/health")
    finally:
        come_back(postgres)

    assert {reply.status for reply in known} == {200}
    for reply in (unknown, unknown_too, account):
        assert (reply.status, reply.error()["code"]) == (503, "unavailable")
        assert int(reply.headers["Retry-After"]) >= 1
    assert health.status == 200
    await _answers(second, 200)
    delivered = 1 + len(known) + 1
    assert await _images(shared, at_least=delivered) == delivered


async def _answers(gateway: ServedGateway, status: int) -> Reply:
    async with asyncio.timeout(PATIENCE_S):
        while (reply := await gateway.post(image_form())).status != status:
            pass
    return reply


async def _images(shared: Database, at_least: int) -> int:
    today = datetime.now(UTC).date()
    async with open_store(shared.url) as store, asyncio.timeout(PATIENCE_S):
        while True:
            images = sum(row.images for row in await store.usage_rows(today, today))
            if images >= at_least:
                return images
