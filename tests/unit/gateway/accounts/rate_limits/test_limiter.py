import pytest

from gateway.accounts.caller import Caller
from gateway.accounts.keys import Mode
from gateway.accounts.rate_limits import LimiterUrlError, RateLimiter, open_rate_limiter
from gateway.errors import RateLimitedError
from gateway.settings import LimiterSettings
from tests.redis_server import RedisServer
from tests.unit.gateway.accounts.rate_limits.callers import Clock, admitted, caller, is_admitted

MEMORY = LimiterSettings()


def never() -> None:
    raise AssertionError("there is nothing to fall back from")


@pytest.fixture(params=["memory", "shared"])
def settings(request: pytest.FixtureRequest) -> LimiterSettings:
    if request.param == "memory":
        request.getfixturevalue("clock")
        return LimiterSettings.model_validate({"gateways": 3})
    server: RedisServer = request.getfixturevalue("redis")
    return LimiterSettings.model_validate({"url": server.url, "timeout_s": 30.0, "gateways": 3})


@pytest.mark.parametrize("mode", ["admin", "synthetic"])
async def test_callers_that_are_not_metered_have_no_limit(
    settings: LimiterSettings, mode: Mode
) -> None:
    sender = caller(requests=1, megapixels=1, mode=mode)
    async with open_rate_limiter(settings, never) as limiter:
        for _ in range(3):
            assert await limiter.admit(sender) is None
            await limiter.debit(sender, 50_000_000)
        assert (await limiter.admit(caller(requests=1, megapixels=1))) is not None


async def test_a_key_without_limits_has_none(settings: LimiterSettings) -> None:
    async with open_rate_limiter(settings, never) as limiter:
        await limiter.debit(caller(), 50_000_000)
        assert await limiter.admit(caller()) is None
        assert await admitted(limiter, caller(megapixels=1), 1) == 1


async def test_the_last_request_passes_and_the_next_is_refused(settings: LimiterSettings) -> None:
    sender = caller(requests=3)
    async with open_rate_limiter(settings, never) as limiter:
        states = [await limiter.admit(sender) for _ in range(3)]
        with pytest.raises(RateLimitedError, match="requests of this minute") as caught:
            await limiter.admit(sender)
        assert not limiter.degraded

    assert [(state.limit, state.remaining) for state in states if state] == [(3, 2), (3, 1), (3, 0)]
    headers = caught.value.headers
    assert headers["X-RateLimit-Limit"] == "3"
    assert headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(headers["Retry-After"]) <= 61
    last = states[-1]
    assert last is not None
    assert int(headers["X-RateLimit-Reset"]) == pytest.approx(last.reset_at_s, abs=2)


@pytest.mark.parametrize(("pixels", "passes"), [(1_999_000, True), (1_999_001, False)])
async def test_the_last_megapixel_passes_and_the_next_is_refused(
    settings: LimiterSettings, pixels: int, *, passes: bool
) -> None:
    sender = caller(requests=10, megapixels=2)
    async with open_rate_limiter(settings, never) as limiter:
        await limiter.debit(sender, pixels)
        assert await is_admitted(limiter, sender) == passes
        if not passes:
            with pytest.raises(RateLimitedError, match="megapixels of this minute") as caught:
                await limiter.admit(sender)
            assert caught.value.headers["X-RateLimit-Limit"] == "10"
            # Refused requests are not counted.
            assert caught.value.headers["X-RateLimit-Remaining"] == "10"
            assert int(caught.value.headers["Retry-After"]) >= 1


async def test_where_only_megapixels_are_limited_the_state_is_theirs(
    settings: LimiterSettings,
) -> None:
    sender = caller(megapixels=10)
    async with open_rate_limiter(settings, never) as limiter:
        for pixels, remaining in ((0, 10), (1, 9), (999_000, 9), (1, 8)):
            await limiter.debit(sender, pixels)
            state = await limiter.admit(sender)
            assert state is not None
            assert (state.limit, state.remaining) == (10, remaining)
        await limiter.debit(sender, 20_000_000)
        with pytest.raises(RateLimitedError) as caught:
            await limiter.admit(sender)
        assert caught.value.headers["X-RateLimit-Remaining"] == "0"


@pytest.mark.parametrize("second", [0.0, 0.5, 30.0, 59.0, 59.5, 59.999])
async def test_a_caller_who_waits_as_told_passes(clock: Clock, second: float) -> None:
    sender = caller(requests=2, megapixels=3)
    async with open_rate_limiter(MEMORY, never) as limiter:
        clock.now_s += second
        await limiter.debit(sender, 7_000_000)
        clock.now_s += await told_to_wait_s(limiter, sender)
        assert await admitted(limiter, sender, 3) == 2

        clock.now_s += await told_to_wait_s(limiter, sender)
        assert await is_admitted(limiter, sender)


async def test_the_second_at_which_the_window_only_begins_to_slide_is_not_yet_told(
    clock: Clock,
) -> None:
    sender = caller(requests=2)
    async with open_rate_limiter(MEMORY, never) as limiter:
        assert await admitted(limiter, sender, 2) == 2
        wait_s = await told_to_wait_s(limiter, sender)
        clock.now_s += wait_s - 1
        assert not await is_admitted(limiter, sender)
        clock.now_s += 1
        assert await is_admitted(limiter, sender)


async def told_to_wait_s(limiter: RateLimiter, sender: Caller) -> int:
    with pytest.raises(RateLimitedError) as caught:
        await limiter.admit(sender)
    seconds = int(caught.value.headers["Retry-After"])
    assert seconds >= 1
    return seconds


async def test_a_url_that_cannot_be_used_is_told_at_once() -> None:
    settings = LimiterSettings.model_validate({"url": "redis://"})
    with pytest.raises(LimiterUrlError):
        async with open_rate_limiter(settings, never):
            pass
