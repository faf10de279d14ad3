import pytest

from gateway.accounts.caller import RateLimits
from gateway.accounts.rate_limits.verdict import (
    Budget,
    RateState,
    Refusal,
    Verdict,
    combine,
    megapixels_budget,
    requests_budget,
)
from gateway.accounts.rate_limits.window import Window

NOW_S = 1_700_000_000.5
REQUESTS = Budget("requests", "requests/k", limit=10, counts_per_unit=1)
MEGAPIXELS = Budget("megapixels", "kilopixels/k", limit=10_000, counts_per_unit=1000)


@pytest.mark.parametrize(
    ("budget", "current", "state"),
    [
        (REQUESTS, 0, RateState(10, 10, NOW_S)),
        (REQUESTS, 1, RateState(10, 9, NOW_S + 60)),
        (REQUESTS, 9, RateState(10, 1, NOW_S + 60)),
        (MEGAPIXELS, 0, RateState(10, 10, NOW_S)),
        (MEGAPIXELS, 1, RateState(10, 9, NOW_S + 60)),
        (MEGAPIXELS, 9_000, RateState(10, 1, NOW_S + 60)),
        (MEGAPIXELS, 9_001, RateState(10, 0, NOW_S + 60)),
    ],
)
def test_what_is_left_is_told_in_whole_units(
    budget: Budget, current: int, state: RateState
) -> None:
    verdict = budget.verdict(Window(0, 0.0, current, 119.0), NOW_S)

    assert (verdict.state.limit, verdict.state.remaining) == (state.limit, state.remaining)
    assert (verdict.state.reset_at_s > NOW_S) == (state.reset_at_s > NOW_S)
    assert verdict.refusal is None


@pytest.mark.parametrize(
    ("budget", "used", "refused"),
    [
        (REQUESTS, 9, False),
        (REQUESTS, 10, True),
        (MEGAPIXELS, 9_999, False),
        (MEGAPIXELS, 10_000, True),
        (MEGAPIXELS, 10_001, True),
    ],
)
def test_a_key_is_refused_once_all_is_used(budget: Budget, used: int, *, refused: bool) -> None:
    verdict = budget.verdict(Window(0, 0.0, used, 119.0), NOW_S)

    assert (verdict.refusal is not None) == refused
    if verdict.refusal is not None:
        assert verdict.refusal.unit == budget.unit
        assert verdict.refusal.wait_s >= 59.0
        assert verdict.state.remaining == 0


def test_a_limit_of_nothing_admits_nobody() -> None:
    limits = RateLimits(requests_per_minute=0, megapixels_per_minute=0)
    for budget in (requests_budget("k", limits), megapixels_budget("k", limits)):
        assert budget is not None
        verdict = budget.verdict(Window(0, 0.0, 0, 0.0), NOW_S)
        assert verdict == Verdict(RateState(0, 0, NOW_S), Refusal(budget.unit, 60.0))


@pytest.mark.parametrize(
    ("limit", "gateways", "share"), [(10, 1, 10), (10, 2, 5), (10, 3, 4), (10, 10, 1), (1, 7, 1)]
)
def test_a_share_is_rounded_up(limit: int, gateways: int, share: int) -> None:
    budget = requests_budget("k", RateLimits(limit, None), gateways)

    assert budget == Budget("requests", "requests/k", share, 1)


def test_megapixels_are_shared_in_thousandths() -> None:
    budget = megapixels_budget("k", RateLimits(None, 1), 3)

    assert budget == Budget("megapixels", "kilopixels/k", 334, 1000)
    assert budget.verdict(Window(0, 0.0, 0, 0.0), NOW_S).state == RateState(1, 0, NOW_S)


def test_what_is_not_limited_has_no_budget() -> None:
    assert requests_budget("k", RateLimits(None, 1)) is None
    assert megapixels_budget("k", RateLimits(1, None)) is None


def test_the_longer_refusal_is_told_with_the_requests_left() -> None:
    state, other = RateState(10, 3, NOW_S), RateState(5, 0, NOW_S)
    short, long = Refusal("requests", 1.0), Refusal("megapixels", 2.0)

    assert combine(Verdict(state), Verdict(other, long)) == Verdict(state, long)
    assert combine(Verdict(state, short), Verdict(other, long)) == Verdict(state, long)
    assert combine(Verdict(state, short), Verdict(other)) == Verdict(state, short)


def test_the_headers_hold_whole_numbers() -> None:
    for reset_at_s in (1_700_000_000.0, 1_700_000_000.999):
        assert RateState(60, 59, reset_at_s).headers() == {
            "X-RateLimit-Limit": "60",
            "X-RateLimit-Remaining": "59",
            "X-RateLimit-Reset": "1700000001",
        }
