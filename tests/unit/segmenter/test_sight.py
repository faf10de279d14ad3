"""How often a network looks at a picture, at what, and which of its answers are used."""

import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from prometheus_client import CollectorRegistry

from segmenter.cpu_pool import CpuPool
from segmenter.deadline import Deadline
from segmenter.engine_watch import EngineWatch
from segmenter.errors import DeadlinePassedError, EngineFailedError, EngineUnavailableError
from segmenter.imaging import fusion
from segmenter.imaging.matte import Answer
from segmenter.imaging.model_input import view
from segmenter.imaging.picture import Picture
from segmenter.inference.batcher import BatchPolicy
from segmenter.job import Job
from segmenter.metrics import Metrics
from segmenter.served_models import ServedModels
from segmenter.sight import Quality, Sight, _mirrored
from segmenter.timings import Stage, StageClock
from tests.unit.segmenter.fake_engine import SIZE_PX, FakeEngine, red_of, spec

SMALL_SUBJECT = (30, 10, 60, 40)
LARGE_SUBJECT = (0, 0, 195, 100)


def picture(*subject: int) -> Picture:
    """A red box on black."""
    rgb = Image.new("RGB", (200, 100))
    if subject:
        ImageDraw.Draw(rgb).rectangle(subject, fill=(250, 0, 0))
    return Picture(rgb, None, None)


class Batches:
    """Answers as the fake engine does, and keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[NDArray[np.uint8]] = []

    def __call__(self, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.seen.append(batch_u8)
        return red_of(batch_u8)

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.seen]


@pytest.fixture
def batches() -> Batches:
    return Batches()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@asynccontextmanager
async def opened(engine: FakeEngine, quality: Quality) -> AsyncIterator[tuple[Sight, StageClock]]:
    async with AsyncExitStack() as stack:
        pool = CpuPool(1)
        stack.callback(pool.close)
        watch = EngineWatch(Metrics(CollectorRegistry()).engine)
        models = ServedModels(("red",), engine, BatchPolicy(8, 1), watch)
        stack.push_async_callback(models.close)
        await models.prove()
        yield Sight(models, pool, quality), StageClock()


async def answers(engine: FakeEngine, quality: Quality, of: Picture) -> list[Answer]:
    async with opened(engine, quality) as (sight, clock):
        whole = view(of, SIZE_PX, SIZE_PX)
        return await sight.answers(
            whole, of, sight.batcher(None), Job("caller", Deadline.after(60), clock)
        )


Answers = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def proven(engine: FakeEngine, then: Answers) -> FakeEngine:
    """The engine, which passes its proof and answers with `then` from the second batch on."""

    def first(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        engine.answer = then
        return red_of(batch_u8)

    engine.answer = first
    return engine


@pytest.mark.parametrize(
    ("quality", "subject", "sizes"),
    [
        (Quality.FAST, SMALL_SUBJECT, [1]),
        (Quality.BALANCED, SMALL_SUBJECT, [2]),
        (Quality.BEST, SMALL_SUBJECT, [2, 2]),
        (Quality.BEST, LARGE_SUBJECT, [2]),
        (Quality.BEST, (), [2]),
    ],
)
async def test_runs_ride_in_one_batch_for_each_look(
    engine: FakeEngine,
    batches: Batches,
    quality: Quality,
    subject: tuple[int, ...],
    sizes: list[int],
) -> None:
    found = await answers(proven(engine, batches), quality, picture(*subject))
    assert batches.sizes == sizes
    assert len(found) == len(sizes)


async def test_a_network_that_takes_one_picture_at_a_time_is_asked_oftener(
    batches: Batches,
) -> None:
    engine = FakeEngine(specs={"red": spec("red", max_batch_size=1)})
    await answers(proven(engine, batches), Quality.BEST, picture(*SMALL_SUBJECT))
    assert batches.sizes == [1, 1, 1, 1]


async def test_the_second_picture_is_the_mirror_image_and_is_turned_back(
    engine: FakeEngine, batches: Batches
) -> None:
    (found,) = await answers(proven(engine, batches), Quality.BALANCED, picture(*SMALL_SUBJECT))
    plain_u8, mirrored_u8 = batches.seen[0]
    assert np.array_equal(mirrored_u8, plain_u8[:, ::-1])
    assert np.abs(found.alpha_f32 - red_of(plain_u8)).max() < 0.002


async def test_the_nearer_look_is_at_the_subject(engine: FakeEngine, batches: Batches) -> None:
    _, nearer = await answers(proven(engine, batches), Quality.BEST, picture(*SMALL_SUBJECT))
    left, top, right, bottom = nearer.part.on(200, 100)
    assert 0 < left < 30
    assert 60 < right < 80
    assert top < 10
    assert 40 < bottom < 60
    # It fills most of what the network sees then.
    assert (batches.seen[1][0][..., 0] > 128).mean() > 0.4
    assert nearer.guide_u8.shape == (SIZE_PX, SIZE_PX, 3)


async def test_an_answer_that_contradicts_the_first_is_left_out(engine: FakeEngine) -> None:
    def contrary(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        alphas_f32 = red_of(batch_u8)
        if len(batch_u8) > 1:
            alphas_f32[1] = 1 - alphas_f32[1]
        return alphas_f32

    of = picture(*SMALL_SUBJECT)
    (found,) = await answers(proven(engine, contrary), Quality.BALANCED, of)
    assert np.array_equal(found.alpha_f32, red_of(view(of, SIZE_PX, SIZE_PX).tensor_u8))


async def test_a_nearer_look_that_contradicts_the_first_is_left_out(engine: FakeEngine) -> None:
    def blind_when_near(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        near = (batch_u8[0, ..., 0] > 128).mean() > 0.3
        return red_of(batch_u8) * np.float32(not near)

    found = await answers(proven(engine, blind_when_near), Quality.BEST, picture(*SMALL_SUBJECT))
    assert len(found) == 1


@pytest.mark.parametrize(("quality", "runs"), [(Quality.FAST, 1), (Quality.BEST, 2)])
async def test_looking_costs_as_many_pixels_as_the_network_sees_at_a_time(
    engine: FakeEngine, quality: Quality, runs: int
) -> None:
    async with opened(engine, quality) as (sight, _):
        assert sight.cost_px(sight.batcher(None).spec) == runs * SIZE_PX**2


async def test_the_stages_hold_the_times_of_both_looks(engine: FakeEngine) -> None:
    of = picture(*SMALL_SUBJECT)
    async with opened(engine, Quality.BEST) as (sight, clock):
        whole = view(of, SIZE_PX, SIZE_PX)
        await sight.answers(
            whole, of, sight.batcher("red"), Job("caller", Deadline.after(60), clock)
        )
    assert {Stage.QUEUE, Stage.INFER, Stage.MODEL_INPUT} <= set(clock.finish())


async def test_a_failing_engine_fails_the_request(engine: FakeEngine) -> None:
    of = picture(*SMALL_SUBJECT)
    async with opened(engine, Quality.BEST) as (sight, clock):
        engine.trouble = EngineFailedError("broken")
        with pytest.raises(EngineFailedError):
            await sight.answers(
                view(of, SIZE_PX, SIZE_PX),
                of,
                sight.batcher(None),
                Job("caller", Deadline.after(60), clock),
            )


async def test_where_one_run_fails_the_other_never_reaches_the_engine() -> None:
    engine = FakeEngine(specs={"red": spec("red", max_batch_size=1)})
    of = picture(*SMALL_SUBJECT)
    async with opened(engine, Quality.BALANCED) as (sight, clock):
        proofs, engine.trouble = engine.runs, EngineUnavailableError("gone")
        with pytest.raises(EngineUnavailableError):
            await sight.answers(
                view(of, SIZE_PX, SIZE_PX),
                of,
                sight.batcher(None),
                Job("caller", Deadline.after(60), clock),
            )
        assert sight.batcher(None).queued == 0
    assert engine.runs == proofs + 1


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("quality", [Quality.FAST, Quality.BALANCED])
async def test_nothing_of_a_failed_picture_stays_in_memory(
    engine: FakeEngine, quality: Quality
) -> None:
    def lost(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise EngineUnavailableError(f"gone with {len(batch_u8)}")

    kept: list[weakref.ref[Image.Image]] = []

    async def call(sight: Sight, clock: StageClock) -> None:
        of = picture(*SMALL_SUBJECT)
        kept.append(weakref.ref(of.rgb))
        whole = view(of, SIZE_PX, SIZE_PX)
        await sight.answers(
            whole, of, sight.batcher(None), Job("caller", Deadline.after(60), clock)
        )

    async with opened(proven(engine, lost), quality) as (sight, clock):
        with contextlib.suppress(EngineUnavailableError):
            await call(sight, clock)
    assert [each() for each in kept] == [None]


async def test_mattes_are_joined_off_the_event_loop(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, threading.Thread] = {}

    def watched(name: str, step: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object) -> object:
            threads[name] = threading.current_thread()
            return step(*args)

        return run

    steps: dict[str, Callable[..., object]] = {
        "segmenter.sight._mirrored": _mirrored,
        "segmenter.imaging.fusion.joined": fusion.joined,
        "segmenter.imaging.fusion.refined": fusion.refined,
    }
    for name, step in steps.items():
        monkeypatch.setattr(name, watched(name, step))
    await answers(engine, Quality.BEST, picture(*SMALL_SUBJECT))
    assert len(threads) == 3
    assert threading.current_thread() not in threads.values()


async def test_no_nearer_look_is_taken_once_the_deadline_has_passed(
    engine: FakeEngine, batches: Batches
) -> None:
    of, deadline = picture(*SMALL_SUBJECT), Deadline.after(60)

    def too_late(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        object.__setattr__(deadline, "at_s", 0.0)
        return batches(batch_u8)

    async with opened(engine, Quality.BEST) as (sight, clock):
        engine.answer = too_late
        with pytest.raises(DeadlinePassedError):
            await sight.answers(
                view(of, SIZE_PX, SIZE_PX), of, sight.batcher(None), Job("caller", deadline, clock)
            )
    assert batches.sizes == [2]
