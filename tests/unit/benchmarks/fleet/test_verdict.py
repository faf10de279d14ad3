"""What counts as within bounds when something befalls a fleet."""

import pytest
from benchmarks.fleet.verdict import seen_of
from benchmarks.load.outcome import Outcome

RETRY = {"Retry-After": "1"}
BEGAN_S, ENDED_S = 100.0, 110.0


def outcome(
    status: str, scheduled_s: float, took_s: float = 0.1, headers: dict[str, str] | None = None
) -> Outcome:
    return Outcome(status, scheduled_s, scheduled_s, scheduled_s + took_s, headers=headers or {})


def test_answers_and_clean_refusals_are_in_bounds() -> None:
    outcomes = [
        outcome("200", 99),
        outcome("503", 101, headers=RETRY),
        outcome("504", 102, took_s=30),
        outcome("200", 111),
    ]

    seen = seen_of(outcomes, BEGAN_S, ENDED_S)

    assert seen.in_bounds
    assert (seen.answers, seen.lasted_s, seen.recovery_s) == (2, 10, 0)
    assert seen.statuses == {"200": 2, "503": 1, "504": 1}


@pytest.mark.parametrize("status", ["500", "502", "ConnectionResetError", "RemoteDisconnected"])
def test_whatever_else_callers_see_is_out_of_bounds(status: str) -> None:
    assert not seen_of([outcome(status, 105)], BEGAN_S, ENDED_S).in_bounds


def test_so_is_a_refusal_that_does_not_tell_when_to_come_again() -> None:
    seen = seen_of([outcome("503", 105)], BEGAN_S, ENDED_S)

    assert not seen.in_bounds
    assert seen.statuses == {"503 without Retry-After": 1}


def test_those_that_may_break_may_once_each() -> None:
    broken = [outcome("ConnectionResetError", 100), outcome("IncompleteRead", 100)]

    assert seen_of(broken, BEGAN_S, ENDED_S, breakable=2).in_bounds
    assert not seen_of(broken, BEGAN_S, ENDED_S, breakable=1).in_bounds


@pytest.mark.parametrize(("last_s", "well"), [(120.0, True), (120.1, False)])
def test_recovery_ends_with_the_last_request_that_was_not_answered_as_before(
    last_s: float, *, well: bool
) -> None:
    refused = seen_of([outcome("503", last_s, headers=RETRY)], BEGAN_S, ENDED_S)
    slow = seen_of([outcome("200", last_s, took_s=3.5)], BEGAN_S, ENDED_S)

    assert refused.recovery_s == slow.recovery_s == last_s - ENDED_S
    assert refused.in_bounds is slow.in_bounds is well
