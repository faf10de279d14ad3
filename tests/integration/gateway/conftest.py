import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from telemetry.tracing import Tracer
from tests.integration.gateway.database import Database, new_database
from tests.integration.gateway.fake_segmenter import FakeSegmenter, fake_segmenter
from tests.integration.gateway.served_gateway import ServedGateway, served_gateway
from tests.otlp import Collector, http_collector
from tests.traced import traced
from tests.traced import variables as tracing_to

ServeGateway = Callable[..., Awaitable[ServedGateway]]


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("accounts")
    return asyncio.run(new_database(f"sqlite:///{folder}/mattebox.db"))


@pytest.fixture
def database(database_template: Database, tmp_path: Path) -> Database:
    return database_template.copied(tmp_path)


@pytest.fixture
async def segmenter() -> AsyncIterator[FakeSegmenter]:
    async with fake_segmenter() as fake:
        yield fake


@pytest.fixture
async def serve_gateway(
    segmenter: FakeSegmenter, database: Database
) -> AsyncIterator[ServeGateway]:
    """Serves a gateway with some sections of its settings replaced."""
    async with AsyncExitStack() as stack:

        async def serve(**sections: Any) -> ServedGateway:
            serving = served_gateway(database, segmenter.target, **sections)
            return await stack.enter_async_context(serving)

        yield serve


@pytest.fixture
async def gateway(serve_gateway: ServeGateway) -> ServedGateway:
    return await serve_gateway()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


@pytest.fixture
def tracer(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracer]:
    """Traces what is served with it."""
    with traced(monkeypatch, tracing_to(collector)) as opened:
        yield opened
