import asyncio

import pytest

from mattebox.remove.pace import Pace, Turn
from tests.waiting import settle


class Clock:
    """Time that passes where somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)
        await asyncio.sleep(0)
        self.now_s += duration_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace_of(most: int, clock: Clock) -> Pace:
    return Pace(most, clock=clock, sleep=clock.sleep)


class Users:
    """Tasks that hold a turn until they are let go."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._gates: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.running: list[int] = []
        self.turns: dict[int, Turn] = {}

    async def start(self, count: int) -> None:
        for _ in range(count):
            self._gates.append(asyncio.Event())
            self._tasks.append(asyncio.create_task(self._use(len(self._tasks))))
        await settle()

    async def let_go(self, *users: int) -> None:
        for user in users:
            self._gates[user].set()
        await settle()

    async def _use(self, user: int) -> None:
        async with self._pace.turn() as turn:
            self.turns[user] = turn
            self.running.append(user)
            await self._gates[user].wait()
            self.running.remove(user)


async def test_as_many_have_a_turn_as_may_and_the_others_come_in_order(clock: Clock) -> None:
    users = Users(pace_of(2, clock))
    await users.start(4)
    assert users.running == [0, 1]

    await users.let_go(1)
    assert users.running == [0, 2]
    await users.let_go(0, 2)
    assert users.running == [3]
    await users.let_go(3)


async def test_a_refusal_halves_once_for_all_that_were_under_way(clock: Clock) -> None:
    pace = pace_of(8, clock)
    users = Users(pace)
    await users.start(8)

    for user in range(8):
        pace.slow_down(users.turns[user], 0)
    assert pace.at_a_time == 4

    await users.let_go(*range(8))
    await users.start(1)
    pace.slow_down(users.turns[8], 0)
    assert pace.at_a_time == 2
    await users.let_go(8)


async def test_there_is_always_one_turn(clock: Clock) -> None:
    pace = pace_of(1, clock)
    async with pace.turn() as turn:
        pace.slow_down(turn, 0)
    assert pace.at_a_time == 1


async def test_nobody_begins_before_the_time_that_was_asked_for(clock: Clock) -> None:
    pace = pace_of(4, clock)
    async with pace.turn() as turn:
        pace.slow_down(turn, 7)
        pace.slow_down(turn, 3)  # the longer time counts

    begun: list[float] = []

    async def use() -> None:
        async with pace.turn():
            begun.append(clock.now_s)

    await asyncio.gather(use(), use(), use())
    assert clock.slept == [7]
    assert begun == [107.0] * 3


async def test_successes_give_turns_back_one_at_a_time(clock: Clock) -> None:
    pace = pace_of(4, clock)
    async with pace.turn() as turn:
        pace.slow_down(turn, 0)
    async with pace.turn() as turn:
        pace.slow_down(turn, 0)

    history = []
    for _ in range(12):
        pace.go_on()
        history.append(pace.at_a_time)
    assert history == [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]


async def test_a_turn_that_was_given_back_is_taken_at_once(clock: Clock) -> None:
    pace = pace_of(2, clock)
    async with pace.turn() as turn:
        pace.slow_down(turn, 0)
    users = Users(pace)
    await users.start(2)
    assert users.running == [0]

    pace.go_on()
    await settle()
    assert users.running == [0, 1]
    await users.let_go(0, 1)


async def test_who_gives_up_waiting_takes_no_turn(clock: Clock) -> None:
    pace = pace_of(1, clock)
    users = Users(pace)
    await users.start(1)
    waiting = asyncio.create_task(pace.turn().__aenter__())
    await settle()

    waiting.cancel()
    await asyncio.wait([waiting])
    await users.let_go(0)
    await users.start(1)
    assert users.running == [1]
    await users.let_go(1)
