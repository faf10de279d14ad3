import asyncio

import pytest
from limits.aio.storage import RedisStorage
from valkey.asyncio import Valkey

from gateway.accounts.rate_limits.storage import LimiterUrlError, open_shared_storage
from tests.redis_server import RedisServer, running_redis

SECRET = "d0n0tpr1nt"  # noqa: S105 - of a server that lives for one test
PATIENCE_S = 30.0


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host:6379",
        "redis://host:6379/0",
        "redis://:secret@host:6379/15",
        "rediss://user:secret@host",
        "valkey://host",
        "valkeys://host:6380/1",
        "redis://[::1]:6379/0",
    ],
)
async def test_urls_of_every_kind_are_taken_without_a_connection(url: str) -> None:
    async with open_shared_storage(url, PATIENCE_S) as storage:
        assert isinstance(storage, RedisStorage)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "memory",
        f"http://:{SECRET}@host",
        f"unix://:{SECRET}@/path",
        f"redis://:{SECRET}@",
        f"redis://:{SECRET}@:6379",
        f"redis://:{SECRET}@host:port",
        f"redis://:{SECRET}@host:0",
        f"redis://:{SECRET}@host:65536",
        f"redis://:{SECRET}@host/name",
        f"redis://:{SECRET}@host/0/1",
        f"redis://:{SECRET}@host?unknown=1",
        f"redis://:{SECRET}@host?socket_timeout=soon",
        f"redis://:{SECRET}@[::1",
        f"redis+cluster://:{SECRET}@host:6379",
    ],
)
async def test_other_urls_are_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(LimiterUrlError) as caught:
        async with open_shared_storage(url, PATIENCE_S):
            pass

    assert "MATTEBOX_GATEWAY_LIMITER_URL" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_what_is_counted_has_the_prefix_and_expires(redis: RedisServer) -> None:
    async with open_shared_storage(redis.url, PATIENCE_S) as storage:
        assert await storage.acquire_sliding_window_entry("requests/kkkk", 2, 60, 1)
        assert await storage.acquire_sliding_window_entry("requests/kkkk", 2, 60, 1)

    client = Valkey.from_url(redis.url)
    keys = await client.keys()
    assert keys == [b"mattebox:{requests/kkkk}"]
    assert await client.get(keys[0]) == b"2"
    assert 0 < await client.pttl(keys[0]) <= 120_000
    await client.aclose()


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
async def test_a_password_is_used_and_never_shown(
    scheme: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with running_redis(SECRET) as server:
        url = server.url.replace("redis://", f"{scheme}://")
        async with open_shared_storage(url, PATIENCE_S) as storage:
            assert await storage.acquire_sliding_window_entry("k", 1, 60, 1)
            assert SECRET not in repr(storage)
            assert SECRET not in repr(vars(storage))
            assert SECRET not in repr(vars(storage.bridge))

    assert SECRET not in "".join(capfd.readouterr())


async def test_connections_end_with_the_storage(redis: RedisServer) -> None:
    client = Valkey.from_url(redis.url)
    async with open_shared_storage(redis.url, PATIENCE_S) as storage:
        await storage.acquire_sliding_window_entry("k", 1, 60, 1)
        assert len(await client.client_list()) == 2

    # The server may notice a little later than we close.
    async with asyncio.timeout(10):
        while len(await client.client_list()) != 1:
            await asyncio.sleep(0.01)
    await client.aclose()
