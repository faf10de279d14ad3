import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from valkey.asyncio import Valkey

from gateway.accounts.rate_limits import RateLimiter, open_rate_limiter
from gateway.settings import LimiterSettings
from tests.redis_server import RedisServer, TlsFiles, running_redis
from tests.unit.gateway.accounts.rate_limits.callers import (
    Clock,
    admitted,
    caller,
    is_admitted,
    is_degraded,
)

PATIENCE_S = 30.0
RETRY_S = 5.0
SECRET = "d0n0tpr1nt"  # noqa: S105 - of a server that lives for one test


class Gateway:
    """One gateway's limiter, and how often it counted locally."""

    def __init__(self) -> None:
        self.clock = Clock(0.0)
        self.fallbacks = 0

    def fall_back(self) -> None:
        self.fallbacks += 1

    @asynccontextmanager
    async def limiter(
        self, url: str, timeout_s: float = PATIENCE_S, gateways: int = 2
    ) -> AsyncIterator[RateLimiter]:
        settings = LimiterSettings.model_validate(
            {"url": url, "timeout_s": timeout_s, "retry_s": RETRY_S, "gateways": gateways}
        )
        async with open_rate_limiter(settings, self.fall_back, self.clock) as limiter:
            yield limiter


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.mark.parametrize("requests", [25, 26, 60])
async def test_two_gateways_share_one_limit(redis: RedisServer, requests: int) -> None:
    one, other, sender = Gateway(), Gateway(), caller(requests=25)
    async with one.limiter(redis.url) as left, other.limiter(redis.url) as right:
        outcomes = Counter(
            await asyncio.gather(
                *(is_admitted((left, right)[n % 2], sender) for n in range(requests))
            )
        )

    assert outcomes[True] == 25
    assert outcomes[False] == requests - 25
    assert one.fallbacks == other.fallbacks == 0


async def test_concurrent_debits_of_two_gateways_all_count(redis: RedisServer) -> None:
    one, other, sender = Gateway(), Gateway(), caller(megapixels=1)
    async with one.limiter(redis.url) as left, other.limiter(redis.url) as right:
        await asyncio.gather(*((left, right)[n % 2].debit(sender, 9_001) for n in range(99)))
        assert await is_admitted(left, sender)
        assert await is_admitted(right, sender)
        await left.debit(sender, 1)
        assert await admitted(right, sender, 1) == 1
        await left.debit(sender, 8_001)
        assert not await is_admitted(left, sender)
        assert not await is_admitted(right, sender)

    assert one.fallbacks == other.fallbacks == 0


async def test_a_debit_beyond_the_limit_counts_in_full(redis: RedisServer) -> None:
    gateway, sender = Gateway(), caller(megapixels=10)
    async with gateway.limiter(redis.url) as limiter:
        await limiter.debit(sender, 25_000_000)
        assert not await is_admitted(limiter, sender)

    client = Valkey.from_url(redis.url)
    assert await client.get("mattebox:{kilopixels/kkkkkkkkkkkk}") == b"25000"
    await client.aclose()


async def test_a_server_that_is_down_leaves_each_gateway_its_share(
    redis: RedisServer, gateway: Gateway
) -> None:
    async with gateway.limiter(redis.url) as limiter:
        assert await admitted(limiter, caller(requests=5), 2) == 2
        assert not is_degraded(limiter)
        redis.stop()

        assert await admitted(limiter, caller(requests=5), 10) == 3
        assert is_degraded(limiter)
        assert gateway.fallbacks == 10


async def test_a_server_that_is_down_leaves_each_gateway_its_share_of_megapixels(
    redis: RedisServer, gateway: Gateway
) -> None:
    sender = caller(megapixels=5)
    async with gateway.limiter(redis.url) as limiter:
        redis.stop()
        await limiter.debit(sender, 2_499_000)
        assert await is_admitted(limiter, sender)
        await limiter.debit(sender, 1_000)
        assert not await is_admitted(limiter, sender)
        assert gateway.fallbacks == 4


async def test_a_server_that_was_down_is_asked_again_after_a_while(
    redis: RedisServer, gateway: Gateway
) -> None:
    sender = caller(requests=5)
    async with gateway.limiter(redis.url) as limiter:
        redis.stop()
        assert await admitted(limiter, sender, 1) == 1
        redis.start()
        client = Valkey.from_url(redis.url)

        gateway.clock.now_s = RETRY_S - 0.001
        assert await admitted(limiter, sender, 1) == 1
        assert is_degraded(limiter)
        assert await client.dbsize() == 0

        gateway.clock.now_s = RETRY_S
        assert await admitted(limiter, sender, 10) == 5
        assert not is_degraded(limiter)
        assert await client.dbsize() == 1
        assert gateway.fallbacks == 2
        await client.aclose()


async def test_a_server_that_is_down_at_first_is_used_once_it_is_there(
    redis: RedisServer, gateway: Gateway
) -> None:
    redis.stop()
    async with gateway.limiter(redis.url) as limiter:
        assert await admitted(limiter, caller(requests=5), 1) == 1
        assert is_degraded(limiter)
        redis.start()
        gateway.clock.now_s = RETRY_S
        assert await admitted(limiter, caller(requests=5), 6) == 5
        assert not is_degraded(limiter)


async def test_a_server_that_hangs_holds_nobody_up(redis: RedisServer, gateway: Gateway) -> None:
    sender = caller(requests=5, megapixels=5)
    # The client's own limit of time may be set in the URL; ours holds all the same.
    url = f"{redis.url}?socket_timeout=3600"
    async with gateway.limiter(url, timeout_s=1.0) as limiter:
        assert await is_admitted(limiter, sender)
        assert gateway.fallbacks == 0
        redis.hang()

        async with asyncio.timeout(PATIENCE_S):
            outcomes = await asyncio.gather(*(is_admitted(limiter, sender) for _ in range(8)))
            await limiter.debit(sender, 2_500_000)
        assert Counter(outcomes)[True] == 3
        assert gateway.fallbacks == 9
        assert is_degraded(limiter)

        redis.wake()
        gateway.clock.now_s = RETRY_S
        # Whatever the server still does of the calls that were given up, it counts no others.
        assert await is_admitted(limiter, caller(requests=1, key_id="other"))
        assert not await is_admitted(limiter, caller(requests=1, key_id="other"))
        assert not is_degraded(limiter)
        assert gateway.fallbacks == 9


async def test_a_server_that_hangs_before_a_connection_holds_nobody_up(
    redis: RedisServer, gateway: Gateway
) -> None:
    async with gateway.limiter(redis.url, timeout_s=0.05) as limiter:
        redis.hang()
        async with asyncio.timeout(PATIENCE_S):
            assert await admitted(limiter, caller(requests=5), 4) == 3
        assert gateway.fallbacks == 4


async def test_a_password_that_is_wrong_counts_as_down_and_is_not_shown(
    gateway: Gateway, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with running_redis("another") as server:
        url = server.url.replace("another", SECRET)
        async with gateway.limiter(url) as limiter:
            assert await admitted(limiter, caller(requests=5), 4) == 3
            assert is_degraded(limiter)
            assert SECRET not in repr(limiter)

    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


async def test_an_answer_that_makes_no_sense_counts_as_down(
    redis: RedisServer, gateway: Gateway
) -> None:
    client = Valkey.from_url(redis.url)
    await client.set("mattebox:{requests/kkkkkkkkkkkk}", "many")
    await client.aclose()

    async with gateway.limiter(redis.url) as limiter:
        assert await admitted(limiter, caller(requests=5), 4) == 3
        assert gateway.fallbacks == 4


async def test_the_counters_are_reached_over_tls(tmp_path: Path, gateway: Gateway) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    files = TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(files.certificate)
    certificate.private_key_pem.write_to_path(files.key)
    authority.cert_pem.write_to_path(files.authority)

    with running_redis(SECRET, files) as server:
        async with gateway.limiter(server.url) as limiter:
            assert await admitted(limiter, caller(requests=5), 6) == 5
        assert gateway.fallbacks == 0

        untrusted = server.url.split("?", maxsplit=1)[0]
        async with gateway.limiter(untrusted) as limiter:
            assert await is_admitted(limiter, caller(requests=5))
        assert gateway.fallbacks == 1
