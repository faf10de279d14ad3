import asyncio
import time

import pytest

from telemetry.loop_lag import KEPT_S, LoopLag
from tests.waiting import until


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Counted(LoopLag):
    ticks = 0

    def note(self, lag_s: float) -> None:
        super().note(lag_s)
        self.ticks += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_longest_lag_is_told_as_long_as_it_is_recent(clock: Clock) -> None:
    lag = LoopLag(clock=clock)
    assert lag.longest_s == 0
    for lag_s in (0.5, 2.0, 1.0):
        lag.note(lag_s)
        clock.now_s += 1
    assert lag.longest_s == 2.0

    clock.now_s += KEPT_S - 2
    assert lag.longest_s == 2.0
    clock.now_s += 0.5
    assert lag.longest_s == 1.0
    clock.now_s += 1
    assert lag.longest_s == 0


def test_what_is_too_old_is_forgotten_when_something_new_comes(clock: Clock) -> None:
    lag = LoopLag(clock=clock)
    lag.note(3.0)
    clock.now_s += KEPT_S + 1
    lag.note(1.0)

    assert lag.longest_s == 1.0


async def test_a_loop_that_is_held_up_is_told_while_it_is_and_afterwards() -> None:
    lag = Counted()
    lag.start()
    await until(lambda: lag.ticks > 0)

    time.sleep(0.5)  # noqa: ASYNC251 - it is what holds it up
    assert lag.longest_s >= 0.4

    before = lag.ticks
    await until(lambda: lag.ticks > before)
    assert lag.longest_s >= 0.4
    await lag.stop()
    after = lag.ticks
    await asyncio.sleep(0)
    assert lag.ticks == after
