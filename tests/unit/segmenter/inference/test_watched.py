"""An engine under watch."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
    SegmenterError,
    Shortage,
)
from segmenter.inference.watched import WatchedEngine
from tests.unit.segmenter.fake_engine import FakeEngine, red_of
from tests.waiting import settle

BATCH_U8 = np.zeros((1, 2, 3, 3), np.uint8)


class SilentEngine(FakeEngine):
    """Answers once the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await super().infer(model, batch_u8, timeout_s, alone=alone)


@pytest.fixture
def engine() -> SilentEngine:
    return SilentEngine()


@pytest.fixture
def watched(engine: SilentEngine) -> WatchedEngine:
    return WatchedEngine(engine)


def begin(watched: WatchedEngine) -> "asyncio.Task[NDArray[np.float32]]":
    return asyncio.create_task(watched.infer("red", BATCH_U8, 5))


async def test_an_idle_engine_is_not_silent(watched: WatchedEngine) -> None:
    assert watched.silent_s == 0


async def test_one_that_leaves_a_call_unanswered_is_until_it_answers(
    engine: SilentEngine, watched: WatchedEngine
) -> None:
    call = begin(watched)
    await settle()
    assert watched.silent_s > 0

    engine.gate.set()

    assert np.array_equal(await call, red_of(BATCH_U8))
    assert (watched.silent_s, watched.answers) == (0, 1)


@pytest.mark.parametrize(
    ("error", "answers"),
    [
        (EngineFailedError("odd"), 1),
        (OverloadedError("full", Shortage.ENGINE_QUEUE), 1),
        (EngineUnavailableError("away"), 0),
        (DeadlinePassedError("late"), 0),
    ],
)
async def test_refusals_are_answers_and_silence_is_none(
    engine: SilentEngine, watched: WatchedEngine, error: SegmenterError, answers: int
) -> None:
    engine.gate.set()
    engine.trouble = error

    with pytest.raises(type(error)):
        await watched.infer("red", BATCH_U8, 5)

    assert watched.answers == answers
    assert (watched.silent_s == 0) == bool(answers)


async def test_giving_up_fails_the_calls_that_run_and_those_that_come(
    engine: SilentEngine, watched: WatchedEngine
) -> None:
    calls = [begin(watched), begin(watched)]
    await settle()

    watched.give_up()

    for call in (*calls, begin(watched)):
        with pytest.raises(EngineUnavailableError):
            await call
    assert engine.cancelled == 2
    assert not await watched.ready("red")


async def test_one_that_is_trusted_again_serves(
    engine: SilentEngine, watched: WatchedEngine
) -> None:
    watched.give_up()
    engine.gate.set()

    watched.trust()

    assert np.array_equal(await watched.infer("red", BATCH_U8, 5), red_of(BATCH_U8))
    assert await watched.ready("red")


async def test_a_caller_that_leaves_takes_its_call_along(
    engine: SilentEngine, watched: WatchedEngine
) -> None:
    call = begin(watched)
    await settle()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert engine.cancelled == 1
    assert watched.silent_s > 0  # which nobody has heard from all the same
