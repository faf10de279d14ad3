from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.redis_server import RedisServer, running_redis
from tests.unit.gateway.accounts.rate_limits.callers import Clock


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the time is to counters in memory; it begins with a minute."""
    clock = Clock(28_000_000 * 60.0)
    monkeypatch.setattr("limits.aio.storage.memory.time", SimpleNamespace(time=clock))
    return clock
