import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.backpressure import Backpressure, RecentRefusals
from gateway.errors import OverloadedError, UnavailableError
from tests.waiting import settle


@dataclass
class Clock:
    now_s: float = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class FakeSegmenters:
    """Answer with ``retry_after_s`` once ``gate`` is open."""

    answer_s: float | None = None
    away: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    def unreachable(self) -> bool:
        return self.away

    async def retry_after_s(self, caller: str) -> float | None:
        self.asked.append(caller)
        await self.gate.wait()
        return self.answer_s


@dataclass
class Rig:
    clock: Clock = field(default_factory=Clock)
    segmenters: FakeSegmenters = field(default_factory=FakeSegmenters)

    def __post_init__(self) -> None:
        self.refusals = RecentRefusals(self.clock)
        self.backpressure = Backpressure(self.refusals, self.segmenters)
        self.segmenters.gate.set()

    async def retry_after_s(self, caller: str) -> float | None:
        """Tells what a check came to; None where it let pass."""
        try:
            await self.backpressure.check(caller)
        except OverloadedError as error:
            return error.retry_after_s
        return None


@pytest.fixture
async def rig() -> Rig:
    return Rig()


async def test_who_was_not_refused_passes_without_a_question(rig: Rig) -> None:
    rig.refusals.note("other", 3)

    assert await rig.retry_after_s("key") is None
    assert rig.segmenters.asked == []


async def test_a_refusal_stands_for_a_while_without_a_question(rig: Rig) -> None:
    rig.refusals.note("key", 3)
    rig.clock.now_s += 0.24

    assert await rig.retry_after_s("key") == 3
    assert rig.segmenters.asked == []


async def test_after_that_the_segmenters_are_asked(rig: Rig) -> None:
    rig.refusals.note("key", 3)
    rig.clock.now_s += 0.26
    assert await rig.retry_after_s("key") is None

    rig.segmenters.answer_s = 7
    assert await rig.retry_after_s("key") == 7

    assert rig.segmenters.asked == ["key", "key"]
    assert await rig.retry_after_s("key") == 7  # which stands for a while again
    assert rig.segmenters.asked == ["key", "key"]


async def test_long_after_the_last_refusal_nobody_is_asked_any_more(rig: Rig) -> None:
    rig.refusals.note("key", 3)
    rig.clock.now_s += 5.1

    assert await rig.retry_after_s("key") is None
    assert rig.segmenters.asked == []


@pytest.mark.parametrize("answer_s", [None, 2])
async def test_requests_that_come_together_share_one_question(
    rig: Rig, answer_s: float | None
) -> None:
    rig.refusals.note("key", 3)
    rig.clock.now_s += 1
    rig.segmenters.answer_s = answer_s
    rig.segmenters.gate.clear()
    checks = [asyncio.create_task(rig.retry_after_s("key")) for _ in range(5)]
    await settle()
    rig.segmenters.gate.set()

    assert await asyncio.gather(*checks) == [answer_s] * 5
    assert rig.segmenters.asked == ["key"]


async def test_one_that_leaves_leaves_the_question_to_the_others(rig: Rig) -> None:
    rig.refusals.note("key", 3)
    rig.clock.now_s += 1
    rig.segmenters.answer_s = 2
    rig.segmenters.gate.clear()
    leaves, stays = (asyncio.create_task(rig.retry_after_s("key")) for _ in range(2))
    await settle()
    leaves.cancel()
    await settle()
    rig.segmenters.gate.set()

    assert await stays == 2
    assert rig.segmenters.asked == ["key"]


async def test_where_no_segmenter_is_there_nobody_passes(rig: Rig) -> None:
    rig.segmenters.away = True

    with pytest.raises(UnavailableError):
        await rig.backpressure.check("key")


async def test_old_refusals_are_forgotten(rig: Rig) -> None:
    for number in range(1_000):
        rig.refusals.note(f"key {number}", 1)
        rig.clock.now_s += 1

    assert len(rig.refusals.last) < 10
