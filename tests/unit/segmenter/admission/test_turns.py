"""What starts, and in which order what waits does."""

import asyncio

import pytest

from segmenter.admission.turns import Turns
from segmenter.admission.waiting import Room
from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError
from tests.waiting import settle

MP = 1_000_000
CALLER = "caller"


def new_turns(budget_mp: int, most: int = 99) -> Turns:
    return Turns(budget_mp * MP, Room(most, most_px=1_000 * MP))


class Held:
    """A picture in a task of its own, which is in work until told to end."""

    def __init__(self, turns: Turns, pixels: int, caller: str = CALLER) -> None:
        self.entered = asyncio.Event()
        self._let_go = asyncio.Event()
        self.task = asyncio.create_task(self._hold(turns, caller, pixels))

    async def _hold(self, turns: Turns, caller: str, pixels: int) -> None:
        await turns.take(caller, pixels, Deadline.after(30))
        self.entered.set()
        await self._let_go.wait()
        turns.give_back(pixels)

    async def finish(self) -> None:
        self._let_go.set()
        await self.task


async def test_up_to_the_budget_everything_starts_at_once() -> None:
    turns = new_turns(10)
    held = [Held(turns, 5 * MP), Held(turns, 5 * MP)]
    await settle()
    assert [picture.entered.is_set() for picture in held] == [True, True]
    assert turns.in_work.pixels == 10 * MP
    for picture in held:
        await picture.finish()
    assert turns.in_work.pixels == 0


async def test_one_pixel_past_the_budget_waits_and_then_starts() -> None:
    turns = new_turns(10)
    first = Held(turns, 5 * MP)
    second = Held(turns, 5 * MP + 1)
    await settle()
    assert not second.entered.is_set()
    assert (turns.waiting, turns.waiting_px) == (1, 5 * MP + 1)
    await first.finish()
    await settle()
    assert second.entered.is_set()
    await second.finish()


async def test_a_picture_larger_than_the_budget_runs_alone() -> None:
    turns = new_turns(10)
    large = Held(turns, 50 * MP)
    small = Held(turns, MP)
    await settle()
    assert large.entered.is_set()
    assert not small.entered.is_set()
    await large.finish()
    await small.finish()


async def test_nobody_overtakes_the_first_in_the_queue() -> None:
    turns = new_turns(10)
    running = Held(turns, 6 * MP)
    await settle()
    large, small = Held(turns, 8 * MP), Held(turns, MP)
    await settle()
    assert not small.entered.is_set()
    await running.finish()
    await settle()
    assert large.entered.is_set()
    assert small.entered.is_set()
    await large.finish()
    await small.finish()


async def test_an_expired_picture_leaves_the_queue() -> None:
    turns = new_turns(10)
    running = Held(turns, 10 * MP)
    await settle()
    with pytest.raises(DeadlinePassedError):
        await turns.take(CALLER, MP, Deadline.after(0.01))
    assert turns.waiting == 0
    await running.finish()
    assert turns.in_work.pixels == 0


async def test_a_cancelled_picture_leaves_the_queue_and_the_next_moves_up() -> None:
    turns = new_turns(10)
    running = Held(turns, 5 * MP)
    await settle()
    large, small = Held(turns, 8 * MP), Held(turns, 5 * MP)
    await settle()
    large.task.cancel()
    await settle()
    assert small.entered.is_set()
    await running.finish()
    await small.finish()
    assert (turns.waiting, turns.in_work.pixels) == (0, 0)


async def test_a_grant_and_a_cancellation_in_the_same_moment_lose_nothing() -> None:
    turns = new_turns(10)
    running = Held(turns, 10 * MP)
    await settle()
    waiting = Held(turns, 10 * MP)
    await settle()
    running_ends = asyncio.create_task(running.finish())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.task.cancel()
    await running_ends
    await settle()
    assert (turns.waiting, turns.in_work.pixels) == (0, 0)


async def test_callers_take_turns_whatever_the_length_of_their_lines() -> None:
    turns = new_turns(5)
    running = Held(turns, 5 * MP, "greedy")
    await settle()
    greedy = [Held(turns, 5 * MP, "greedy") for _ in range(8)]
    await settle()
    modest = [Held(turns, 5 * MP, "modest") for _ in range(2)]
    await settle()

    started = []
    for picture in [running, modest[0], greedy[0], modest[1], greedy[1]]:
        await settle()
        started.append(picture.entered.is_set())
        await picture.finish()

    assert started == [True] * 5
    for picture in greedy[2:]:
        await picture.finish()


async def test_whoever_is_pushed_out_ends_with_the_error_made_for_it() -> None:
    turns = new_turns(budget_mp=10, most=2)
    running = Held(turns, 10 * MP)
    await settle()
    first, last = Held(turns, 2 * MP), Held(turns, 3 * MP)
    await settle()

    pushed_out = turns.whom_to_push_out("another", MP)
    assert pushed_out is not None
    turns.push_out(pushed_out, lambda _: KeyError(turns.waiting))

    with pytest.raises(KeyError, match="1"):
        await last.task
    assert (turns.waiting, turns.waiting_px) == (1, 2 * MP)
    await running.finish()
    await first.finish()
    assert (turns.waiting, turns.in_work.pixels) == (0, 0)
