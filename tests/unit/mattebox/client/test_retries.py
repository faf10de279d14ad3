from dataclasses import dataclass

import pytest

from mattebox.client.api_errors import InvalidImageError, OverloadedError, RateLimitedError
from mattebox.client.errors import ConnectionFailedError, MatteboxError, TimedOutError
from mattebox.client.retries import Attempts, Retries


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


GONE = ConnectionFailedError("gone")


def pauses(retries: Retries, *errors: MatteboxError) -> list[float]:
    attempts = Attempts(retries)
    return [attempts.pause_s(error) for error in errors]


def test_pauses_are_a_share_of_a_time_that_doubles_up_to_the_longest() -> None:
    retries = Retries(attempts=9, base_s=0.5, longest_s=3, chance=lambda: 0.5)

    assert pauses(retries, *[GONE] * 5) == [0.25, 0.5, 1.0, 1.5, 1.5]


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 0.0), (1.0, 8.0)])
def test_the_whole_range_may_be_chosen(chance: float, pause_s: float) -> None:
    retries = Retries(base_s=8, chance=lambda: chance)

    assert pauses(retries, GONE) == [pause_s]


def test_by_default_chance_chooses() -> None:
    chosen = {pauses(Retries(base_s=8), GONE)[0] for _ in range(20)}

    assert len(chosen) > 10
    assert all(0 <= pause_s <= 8 for pause_s in chosen)


def test_many_attempts_do_not_overflow() -> None:
    retries = Retries(attempts=3000, longest_s=1, chance=lambda: 1)

    assert pauses(retries, *[GONE] * 2500)[-1] == 1


def test_the_last_failure_is_raised_as_it_is() -> None:
    attempts = Attempts(Retries(attempts=2))
    attempts.pause_s(GONE)
    last = OverloadedError("full")

    with pytest.raises(OverloadedError) as raised:
        attempts.pause_s(last)
    assert raised.value is last


def test_what_the_service_asks_for_is_waited_and_chance_comes_on_top() -> None:
    retries = Retries(base_s=2, chance=lambda: 0.5)

    assert pauses(retries, RateLimitedError("slower", retry_after_s=7)) == [8.0]
    assert pauses(retries, RateLimitedError("slower", retry_after_s=0)) == [1.0]


@pytest.mark.parametrize(("asked_s", "pause_s"), [(2, 10), (15, 20), (20, 20)])
def test_what_is_asked_for_and_chance_are_together_no_longer_than_the_longest(
    asked_s: float, pause_s: float
) -> None:
    retries = Retries(base_s=8, longest_s=20, chance=lambda: 1)

    assert pauses(retries, RateLimitedError("slower", retry_after_s=asked_s)) == [pause_s]


def test_nobody_waits_longer_than_they_want_to() -> None:
    attempts = Attempts(Retries(longest_s=20))

    with pytest.raises(RateLimitedError):
        attempts.pause_s(RateLimitedError("slower", retry_after_s=20.5))


def test_no_attempt_begins_after_the_total_time() -> None:
    clock = Clock(100.0)
    attempts = Attempts(Retries(attempts=9, base_s=1, total_s=10, chance=lambda: 1, clock=clock))

    clock.now_s = 109.0
    assert attempts.pause_s(GONE) == 1
    clock.now_s = 109.1
    with pytest.raises(ConnectionFailedError):
        attempts.pause_s(GONE)


@pytest.mark.parametrize("error", [TimedOutError("late"), InvalidImageError("broken")])
def test_what_will_not_pass_in_time_is_not_tried_again(error: MatteboxError) -> None:
    attempts = Attempts(Retries())

    with pytest.raises(type(error)) as raised:
        attempts.pause_s(error)
    assert raised.value is error


@pytest.mark.parametrize("values", [{"attempts": 0}, {"base_s": -1.0}, {"longest_s": -1.0}])
def test_values_without_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Retries(**values)  # type: ignore[arg-type]
