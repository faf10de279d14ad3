import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts.rate_limits.window import PERIOD_S, Window

_MOMENT_S = 1e-6

counts = st.integers(0, 100_000)


def after(window: Window, elapsed_s: float) -> Window:
    """The window as the storages have it after a time in which nothing was counted."""
    until_next_s = max(0.0, window.current_left_s - PERIOD_S)
    if elapsed_s < until_next_s:
        return Window(
            window.previous,
            max(0.0, window.previous_left_s - elapsed_s),
            window.current,
            window.current_left_s - elapsed_s,
        )
    left_s = max(0.0, window.current_left_s - elapsed_s)
    return Window(window.current, left_s, 0, PERIOD_S + left_s)


@given(previous=counts, current=counts, elapsed_ms=st.integers(0, 59_999), target=counts)
def test_the_wait_is_as_long_as_it_must_be(
    previous: int, current: int, elapsed_ms: int, target: int
) -> None:
    left_s = PERIOD_S - elapsed_ms / 1000
    window = Window(previous, left_s, current, left_s + PERIOD_S)

    wait_s = window.falls_to_s(target)

    assert wait_s == 0 or after(window, max(0.0, wait_s - _MOMENT_S)).used > target
    assert after(window, wait_s + _MOMENT_S).used <= target
    assert (wait_s == 0) == (window.used <= target) or wait_s < _MOMENT_S
    assert 0 <= wait_s <= 2 * PERIOD_S


@pytest.mark.parametrize(
    ("window", "used"),
    [
        (Window(0, 0.0, 0, 0.0), 0),
        (Window(10, 60.0, 0, 120.0), 10),
        (Window(10, 30.0, 3, 90.0), 8),
        (Window(10, 29.9, 3, 89.9), 7),
        (Window(0, 0.0, 3, 61.0), 3),
    ],
)
def test_the_minute_before_weighs_what_is_left_of_it(window: Window, used: int) -> None:
    assert window.used == used


def test_nothing_falls_below_nothing() -> None:
    assert Window(0, 0.0, 0, 0.0).falls_to_s(0) == 0
    assert math.isfinite(Window(0, 0.0, 0, 0.0).falls_to_s(-1))
    assert Window(0, 0.0, 0, 0.0).falls_to_s(-1) == PERIOD_S
