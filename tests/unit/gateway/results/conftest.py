from collections.abc import AsyncIterator, Iterator

import pytest
from valkey.asyncio import Valkey

from gateway.circuit import Circuit
from gateway.results import Results
from gateway.results.memory import MemoryResults
from gateway.results.shared import SharedResults
from tests.redis_server import RedisServer, running_redis
from tests.unit.gateway.results.stores import BUDGET_BYTES, Clock

TTL_S = 600.0
PATIENCE_S = 30.0


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
async def client(redis: RedisServer) -> AsyncIterator[Valkey]:
    async with Valkey.from_url(redis.url) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> MemoryResults:
    return MemoryResults(TTL_S, BUDGET_BYTES, clock)


@pytest.fixture
def shared(client: Valkey, clock: Clock) -> SharedResults:
    return SharedResults(client, Circuit(5.0, clock), TTL_S, BUDGET_BYTES, PATIENCE_S, clock=clock)


@pytest.fixture(params=["memory", "shared"])
def results(request: pytest.FixtureRequest) -> Results:
    results: Results = request.getfixturevalue(request.param)
    return results
