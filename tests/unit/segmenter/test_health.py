"""When the service says that it can serve."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from segmenter.deadline import Deadline
from segmenter.engine_watch import EngineWatch
from segmenter.errors import EngineFailedError, EngineUnavailableError, OverloadedError, Shortage
from segmenter.health import HealthMonitor
from segmenter.inference.batcher import BatchPolicy
from segmenter.metrics import Metrics
from segmenter.served_models import ServedModels
from telemetry.logs import open_log
from tests.unit.segmenter.fake_engine import SIZE_PX, FakeEngine, red_of
from tests.waiting import until

INTERVAL_S = 0.002
PATIENCE_S = 0.05
PICTURE_U8 = np.zeros((SIZE_PX, SIZE_PX, 3), np.uint8)


@dataclass
class Rig:
    engine: FakeEngine
    watch: EngineWatch
    monitor: HealthMonitor
    changes: list[bool]
    log: io.StringIO
    models: ServedModels


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    engine, changes, log = FakeEngine(), list[bool](), io.StringIO()
    watch = EngineWatch(Metrics(CollectorRegistry()).engine)
    models = ServedModels(("red",), engine, BatchPolicy(8, 1), watch, PATIENCE_S)
    monitor = HealthMonitor(
        models, watch, changes.append, open_log("info", "json", log), interval_s=INTERVAL_S
    )
    yield Rig(engine, watch, monitor, changes, log, models)
    await monitor.stop()
    await models.close()


async def looks(rig: Rig, count: int) -> None:
    """Waits until the monitor has looked at least so many times more."""
    target = rig.engine.looks + rig.engine.runs + count + 1
    await until(lambda: rig.engine.looks + rig.engine.runs >= target)


async def test_it_serves_once_the_known_answer_was_right(rig: Rig) -> None:
    assert not rig.monitor.ready
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    assert rig.changes == [True]
    assert rig.engine.runs == 1


async def test_an_engine_that_comes_late_is_waited_for(rig: Rig) -> None:
    rig.engine.trouble = EngineUnavailableError("not yet")
    rig.monitor.start()
    await until(lambda: "not yet" in rig.log.getvalue())
    assert rig.changes == []
    rig.engine.trouble = None
    await until(lambda: rig.monitor.ready)


async def test_a_lasting_problem_is_logged_once(rig: Rig) -> None:
    rig.engine.trouble = EngineUnavailableError("gone fishing")
    rig.monitor.start()
    await until(lambda: "gone fishing" in rig.log.getvalue())
    rig.engine.trouble = EngineFailedError("another trouble")
    await until(lambda: "another trouble" in rig.log.getvalue())
    assert rig.log.getvalue().count("gone fishing") == 1


async def test_a_healthy_engine_is_not_made_to_compute_again_and_again(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    await looks(rig, 5)
    assert rig.engine.runs == 1


async def test_a_lost_engine_ends_the_serving_and_a_proof_brings_it_back(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.at_hand = False
    rig.engine.trouble = EngineUnavailableError("lost")
    await until(lambda: not rig.monitor.ready)
    rig.engine.at_hand = True
    rig.engine.trouble = None
    runs = rig.engine.runs
    await until(lambda: rig.monitor.ready)
    assert rig.engine.runs == runs + 1
    assert rig.changes == [True, False, True]


async def test_a_failed_batch_makes_the_engine_compute_the_known_answer(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.answer = lambda batch_u8: 1 - red_of(batch_u8)
    rig.watch.batch_failed("red", EngineFailedError("odd"))
    await until(lambda: not rig.monitor.ready)
    assert "wrongly" in rig.log.getvalue()


async def test_a_full_queue_says_nothing_about_the_engine(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.trouble = OverloadedError("full", Shortage.ENGINE_QUEUE)
    rig.watch.batch_failed("red", EngineUnavailableError("reset"))
    await looks(rig, 5)
    assert rig.monitor.ready


async def test_a_full_queue_makes_nothing_ready(rig: Rig) -> None:
    rig.engine.trouble = OverloadedError("full", Shortage.ENGINE_QUEUE)
    rig.monitor.start()
    await looks(rig, 5)
    assert not rig.monitor.ready
    rig.engine.trouble = None
    await until(lambda: rig.monitor.ready)

    rig.models.watched.give_up()
    rig.engine.trouble = EngineUnavailableError("gone")
    rig.watch.raise_suspicion()
    await until(lambda: not rig.monitor.ready)
    rig.engine.trouble = OverloadedError("full of what it never answered", Shortage.ENGINE_QUEUE)
    await looks(rig, 5)
    assert not rig.monitor.ready


async def test_an_overloaded_batch_raises_no_suspicion(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.watch.batch_failed("red", OverloadedError("full", Shortage.ENGINE_QUEUE))
    assert not rig.watch.take_suspicion()


async def test_an_engine_that_hangs_is_noticed_long_before_its_callers_deadlines(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.hung = True

    calls = [
        asyncio.create_task(
            rig.models.batcher(None).infer("caller", PICTURE_U8, Deadline.after(3600))
        )
        for _ in range(6)
    ]

    for call in calls:
        with pytest.raises(EngineUnavailableError):
            await call
    assert rig.changes == [True, False]
    assert "answers nothing" in rig.log.getvalue()


async def test_one_that_hung_serves_once_it_computes_rightly_again(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.hung = True
    rig.watch.raise_suspicion()
    await until(lambda: not rig.monitor.ready)

    rig.engine.hung = False

    await until(lambda: rig.monitor.ready)
    await rig.models.batcher(None).infer("caller", PICTURE_U8, Deadline.after(30))


async def test_an_engine_that_is_busy_with_other_pictures_does_not_hang(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    rig.engine.hung = True
    runs = rig.engine.runs
    rig.watch.raise_suspicion()

    def proofs() -> int:
        rig.models.watched.note_answer()  # which others get while the proof has none
        return rig.engine.runs - runs

    await until(lambda: proofs() >= 3)
    assert rig.changes == [True]


async def test_a_stop_lets_the_engine_finish_what_it_has_begun(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)

    await rig.monitor.stop()

    await rig.models.batcher(None).infer("caller", PICTURE_U8, Deadline.after(30))


async def test_values_that_are_no_numbers_are_no_answer(rig: Rig) -> None:
    rig.engine.answer = lambda batch_u8: np.full(batch_u8.shape[:3], np.nan, np.float32)
    rig.monitor.start()
    await until(lambda: "wrongly" in rig.log.getvalue())
    assert not rig.monitor.ready


async def test_stopping_says_so(rig: Rig) -> None:
    rig.monitor.start()
    await until(lambda: rig.monitor.ready)
    await rig.monitor.stop()
    assert not rig.monitor.ready
    assert rig.changes == [True, False]
