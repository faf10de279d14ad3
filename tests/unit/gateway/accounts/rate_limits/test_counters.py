import asyncio

from limits.aio.storage import MemoryStorage

from gateway.accounts.caller import RateLimits
from gateway.accounts.rate_limits.counters import StoredCounters
from gateway.accounts.rate_limits.verdict import RateState
from tests.unit.gateway.accounts.rate_limits.callers import Clock


async def test_each_request_is_counted_until_the_limit(clock: Clock) -> None:
    clock.now_s += 20
    counters = StoredCounters(MemoryStorage(), clock=clock)
    verdicts = [await counters.admit("k", RateLimits(3, None)) for _ in range(4)]

    # 40 s to the end of this minute, from when on these requests weigh less and less.
    resets_at_s = clock.now_s + 40
    states = [verdict.state for verdict in verdicts if verdict]
    assert [(state.limit, state.remaining) for state in states] == [(3, 2), (3, 1), (3, 0), (3, 0)]
    assert states[2] == states[3] == RateState(3, 0, resets_at_s)
    assert [verdict.refusal is None for verdict in verdicts if verdict] == [True] * 3 + [False]


async def test_requests_are_forgotten_as_the_window_slides(clock: Clock) -> None:
    counters = StoredCounters(MemoryStorage(), clock=clock)
    limits = RateLimits(3, None)
    for _ in range(3):
        await counters.admit("k", limits)

    for seconds, remaining in ((60.1, 0), (20.0, 0), (69.9, 1)):
        clock.now_s += seconds
        verdict = await counters.admit("k", limits)
        assert verdict is not None
        assert verdict.refusal is None
        assert verdict.state.remaining == remaining
        again = await counters.admit("k", limits)
        assert again is not None
        assert (again.refusal is not None) == (remaining == 0)


async def test_keys_do_not_share(clock: Clock) -> None:
    counters = StoredCounters(MemoryStorage(), clock=clock)
    for key_id in ("a", "b"):
        verdict = await counters.admit(key_id, RateLimits(1, None))
        assert verdict is not None
        assert verdict.refusal is None


async def test_a_new_limit_holds_for_what_was_counted_before(clock: Clock) -> None:
    counters = StoredCounters(MemoryStorage(), clock=clock)
    for _ in range(3):
        await counters.admit("k", RateLimits(5, None))

    lowered = await counters.admit("k", RateLimits(3, None))
    raised = await counters.admit("k", RateLimits(10, None))
    assert lowered is not None
    assert lowered.refusal is not None
    assert raised is not None
    assert raised.state.remaining == 6


async def test_concurrent_debits_all_count(clock: Clock) -> None:
    counters = StoredCounters(MemoryStorage(), clock=clock)
    await asyncio.gather(*(counters.debit("k", 100) for _ in range(99)))

    for refused in (False, True):
        verdict = await counters.admit("k", RateLimits(None, 10))
        assert verdict is not None
        assert (verdict.refusal is not None) == refused
        await counters.debit("k", 100)


async def test_a_debit_beyond_the_limit_is_paid_off_before_the_next_request(clock: Clock) -> None:
    counters = StoredCounters(MemoryStorage(), clock=clock)
    limits = RateLimits(100, 10)
    await counters.debit("k", 25_000)
    verdict = await counters.admit("k", limits)
    assert verdict is not None
    assert verdict.refusal is not None
    assert verdict.state.remaining == 100

    clock.now_s += verdict.refusal.wait_s - 0.1
    early = await counters.admit("k", limits)
    clock.now_s += 0.2
    late = await counters.admit("k", limits)
    assert early is not None
    assert early.refusal is not None
    assert late is not None
    assert late.refusal is None


async def test_without_limits_nothing_is_judged() -> None:
    counters = StoredCounters(MemoryStorage())

    assert await counters.admit("k", RateLimits(None, None)) is None
