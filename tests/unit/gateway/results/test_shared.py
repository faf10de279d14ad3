import asyncio
from collections.abc import AsyncGenerator

import pytest
from valkey.asyncio import Valkey

from gateway.circuit import Circuit
from gateway.errors import OverloadedError, UnavailableError
from gateway.results import Results, ResultsUrlError, open_results
from gateway.results.shared import PREFIX, SharedResults
from gateway.settings import DialectsSettings
from tests.redis_server import RedisServer, running_redis
from tests.unit.gateway.results.conftest import PATIENCE_S, TTL_S
from tests.unit.gateway.results.stores import (
    BUDGET_BYTES,
    SHARE_BYTES,
    Clock,
    fetched,
    is_kept,
    keep,
)

SECRET = "d0n0tpr1nt"  # noqa: S105 - of a server that lives for one test


def settings(url: str, **others: object) -> DialectsSettings:
    return DialectsSettings.model_validate({"results_url": url, "results_timeout_s": 30, **others})


async def test_gateways_share_pictures_and_the_room_for_them(client: Valkey) -> None:
    here, there = [
        SharedResults(client, Circuit(5.0, Clock()), TTL_S, BUDGET_BYTES, PATIENCE_S)
        for _ in range(2)
    ]
    name = await keep(here, SHARE_BYTES, b"h")

    with pytest.raises(OverloadedError):
        await keep(there, 1)
    assert there.held_bytes == SHARE_BYTES
    assert await fetched(there, name) == b"h" * SHARE_BYTES
    await keep(here, 1)
    assert not await is_kept(there, name)


async def test_all_keys_have_the_prefix_and_expire(shared: SharedResults, client: Valkey) -> None:
    name = await keep(shared, 10)
    await fetched(shared, name)

    keys = [key.decode() for key in await client.keys()]
    assert len(keys) == 5
    for key in keys:
        assert key.startswith(PREFIX)
        assert 0 < await client.pttl(key) <= TTL_S * 1000


async def test_what_has_expired_is_gone_and_makes_room(client: Valkey) -> None:
    results = SharedResults(client, Circuit(5.0, Clock()), 0.05, BUDGET_BYTES, PATIENCE_S)
    long_lived = SharedResults(client, Circuit(5.0, Clock()), TTL_S, BUDGET_BYTES, PATIENCE_S)
    lasting = await keep(long_lived, 1)
    name = await keep(results, SHARE_BYTES - 1)

    async with asyncio.timeout(PATIENCE_S):
        while await is_kept(results, name):
            await asyncio.sleep(0.005)
    await keep(results, SHARE_BYTES - 1)
    assert results.held_bytes == SHARE_BYTES
    assert await is_kept(long_lived, lasting)


async def test_a_picture_that_goes_while_it_is_read_breaks_off(
    shared: SharedResults, client: Valkey
) -> None:
    name = await keep(shared, 10)
    result = await shared.find(name)
    assert result is not None
    await client.flushall()

    with pytest.raises(UnavailableError):
        await anext(result.pieces)
    assert await fetched(shared, name) is None


async def test_a_picture_that_goes_while_it_comes_is_not_begun_anew(
    shared: SharedResults, client: Valkey
) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        await client.flushall()
        yield b"two"

    with pytest.raises(UnavailableError):
        await shared.keep("a key", "png", 6, pieces())
    assert await client.keys() == []


async def test_a_caller_who_leaves_takes_the_picture_along(
    shared: SharedResults, client: Valkey
) -> None:
    coming = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        coming.set()
        await asyncio.Event().wait()

    keeping = asyncio.create_task(shared.keep("a key", "png", 6, pieces()))
    await coming.wait()
    assert len(await client.keys(f"{PREFIX}picture:*")) == 1
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping

    assert await client.keys(f"{PREFIX}picture:*") == []
    await keep(shared, SHARE_BYTES)


async def test_a_server_that_is_away_is_unavailable_and_asked_again_rarely(
    redis: RedisServer, clock: Clock
) -> None:
    async with open_results(settings(redis.url, results_retry_s=5), clock) as results:
        name = await keep(results, 10)
        redis.stop()
        for attempt in (results.expect("a key"), keep(results, 1), results.find(name)):
            with pytest.raises(UnavailableError) as caught:
                await attempt
            assert caught.value.headers["Retry-After"] == "1"
            assert caught.value.__cause__ is None
        assert results.is_down

        redis.start()
        with pytest.raises(UnavailableError):  # it is not asked yet
            await results.expect("a key")
        clock.now_s += 5
        await results.expect("a key")
        assert not _is_down(results)
        assert await results.find(name) is None  # the server keeps nothing on disk
        assert await is_kept(results, await keep(results, 10))


async def test_a_server_that_hangs_is_unavailable(redis: RedisServer, clock: Clock) -> None:
    brief = settings(redis.url, results_timeout_s=0.05)
    async with open_results(brief, clock) as results:
        redis.hang()
        try:
            with pytest.raises(UnavailableError):
                await keep(results, 10)
        finally:
            redis.wake()
        assert results.is_down


async def test_a_server_without_memory_takes_nothing_and_still_gives(
    shared: SharedResults, client: Valkey
) -> None:
    name = await keep(shared, 10)
    await client.config_set("maxmemory", "1")

    with pytest.raises(UnavailableError):
        await keep(shared, 10)
    assert not shared.is_down
    assert await fetched(shared, name) == b"x" * 10


async def test_a_picture_for_which_the_server_has_no_memory_leaves_nothing(
    shared: SharedResults, client: Valkey
) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        await client.config_set("maxmemory", "1")
        yield b"two"

    with pytest.raises(UnavailableError):
        await shared.keep("a key", "png", 6, pieces())
    assert await client.keys(f"{PREFIX}picture:*") == []
    await client.config_set("maxmemory", "0")
    await keep(shared, SHARE_BYTES)


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
async def test_a_password_is_used_and_never_shown(
    scheme: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with running_redis(SECRET) as server:
        url = server.url.replace("redis://", f"{scheme}://")
        async with open_results(settings(url)) as results:
            assert await is_kept(results, await keep(results, 10))
            assert SECRET not in repr(results)

    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("url", ["", "memory", f"http://:{SECRET}@host", f"redis://:{SECRET}@"])
async def test_urls_that_cannot_be_used_are_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ResultsUrlError) as caught:
        async with open_results(settings(url)):
            pass

    assert "MATTEBOX_GATEWAY_DIALECTS_RESULTS_URL" in str(caught.value)
    assert SECRET not in str(caught.value)


def _is_down(results: Results) -> bool:
    return results.is_down


async def test_who_is_refused_is_told_when_the_next_expires_that_was_not_fetched(
    client: Valkey,
) -> None:
    brief, lasting = [
        SharedResults(client, Circuit(5.0, Clock()), ttl_s, BUDGET_BYTES, PATIENCE_S)
        for ttl_s in (50.0, TTL_S)
    ]
    seen = await keep(brief, SHARE_BYTES // 2)
    await keep(lasting, SHARE_BYTES // 2)
    await fetched(brief, seen)
    with pytest.raises(OverloadedError) as caught:
        await keep(brief, SHARE_BYTES)
    assert caught.value.headers["Retry-After"] == "60"

    await keep(brief, SHARE_BYTES // 2)
    for attempt in (keep(lasting, SHARE_BYTES), lasting.expect("a key")):
        with pytest.raises(OverloadedError) as caught:
            await attempt
        assert 2 <= int(caught.value.headers["Retry-After"]) <= 50


async def test_nothing_is_left_of_holders_whose_results_went(
    shared: SharedResults, client: Valkey
) -> None:
    for holder in ("one", "two"):
        await fetched(shared, await keep(shared, SHARE_BYTES, holder=holder))
    await shared.expect("three")

    left = {field: value async for field, value in client.hscan_iter(f"{PREFIX}holders")}
    assert sorted(left.values()) == [str(SHARE_BYTES).encode(), b"two"]
