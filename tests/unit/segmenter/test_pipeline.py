"""What a pipeline does between its steps; what they make of pictures is told from outside."""

import asyncio
import threading
from asyncio import CancelledError
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import ParamSpec, TypeVar

import pytest
from prometheus_client import CollectorRegistry

from bounds import fitted_size
from segmenter import decoder, finishing
from segmenter import pipeline as steps
from segmenter.admission import Admission, AdmissionLimits
from segmenter.cpu_pool import CpuPool
from segmenter.deadline import Deadline
from segmenter.decoder import Decoder
from segmenter.engine_watch import EngineWatch
from segmenter.errors import DeadlinePassedError
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging import png, rendering
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.model_input import View, view
from segmenter.imaging.picture import Picture
from segmenter.inference.batcher import BatchPolicy
from segmenter.job import Job
from segmenter.metrics import Metrics
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.pipeline import Pipeline
from segmenter.scene_options import BackgroundPicture, Canvas, Colour, Stroke
from segmenter.served_models import ServedModels
from segmenter.sight import Quality, Sight
from segmenter.sources import Sources
from tests.unit.segmenter.fake_engine import FakeEngine
from tests.unit.segmenter.imaging import samples
from tests.waiting import settle, until

P = ParamSpec("P")
R = TypeVar("R")

IMAGE = samples.encoded(samples.picture(60, 40), "PNG")


@pytest.fixture
def admission() -> Admission:
    limits = AdmissionLimits(
        budget_px=10_000_000,
        max_waiting=1,
        max_waiting_px=10_000_000,
        max_held_bytes=10_000_000,
        max_wait_s=1,
    )
    return Admission(limits)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def pipeline(admission: Admission, engine: FakeEngine) -> AsyncIterator[Pipeline]:
    pool, limits = CpuPool(1), ImageLimits()
    decoding = Decoder(pool, limits, GuardLimits())
    watch = EngineWatch(Metrics(CollectorRegistry()).engine)
    models = ServedModels(("red",), engine, BatchPolicy(8, 1), watch)
    await models.prove()
    yield Pipeline(decoding, admission, Sight(models, pool, Quality.FAST), pool, limits)
    await models.close()
    await decoding.close()
    pool.close()


def until_past(deadline: Deadline, step: Callable[P, R]) -> Callable[P, R]:
    """Makes a step that takes all the time there is."""

    def too_slow(*args: P.args, **kwargs: P.kwargs) -> R:
        made = step(*args, **kwargs)
        object.__setattr__(deadline, "at_s", 0.0)
        return made

    return too_slow


SCENE = CutOutOptions(
    background_picture=BackgroundPicture(Canvas.BACKGROUND, 90, 90),
    stroke=Stroke(2, Colour(0, 0, 0)),
)
AUTO = CutOutOptions(OutputFormat.AUTO)


@pytest.mark.parametrize(
    ("options", "step", "next_step"),
    [
        (CutOutOptions(), (steps, "view"), (finishing, "begun")),
        (CutOutOptions(), (finishing, "begun"), (rendering, "foreground")),
        (CutOutOptions(), (rendering, "cut"), (png, "encode_strip")),
        (AUTO, (rendering, "cut"), (finishing, "is_opaque")),
        (AUTO, (finishing, "is_opaque"), (png, "encode_strip")),
        (SCENE, (rendering, "foreground"), (rendering, "moved")),
        (SCENE, (rendering, "moved"), (rendering, "underlaid")),
        (SCENE, (rendering, "underlaid"), (rendering, "backdrop")),
        (SCENE, (rendering, "backdrop"), (png, "encode_strip")),
    ],
)
async def test_no_further_step_is_done_once_the_deadline_has_passed(
    pipeline: Pipeline,
    admission: Admission,
    monkeypatch: pytest.MonkeyPatch,
    *,
    options: CutOutOptions,
    step: tuple[ModuleType, str],
    next_step: tuple[ModuleType, str],
) -> None:
    deadline = Deadline.after(60)
    sources = Sources(IMAGE, IMAGE if options is SCENE else b"")
    assert (await pipeline.cut_out(sources, options, Job("caller", deadline))).width_px >= 60
    reached: list[str] = []
    monkeypatch.setattr(*step, until_past(deadline, getattr(*step)))
    monkeypatch.setattr(*next_step, lambda *_: reached.append(next_step[1]))

    with pytest.raises(DeadlinePassedError):
        await pipeline.cut_out(sources, options, Job("caller", deadline))
    assert not reached
    assert admission.in_use_px == 0


async def test_an_answer_of_the_network_that_comes_too_late_is_not_used(
    pipeline: Pipeline, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline = Deadline.after(60)
    engine.answer = until_past(deadline, engine.answer)
    monkeypatch.delattr(finishing, "begun")

    with pytest.raises(DeadlinePassedError):
        await pipeline.cut_out(Sources(IMAGE), CutOutOptions(), Job("caller", deadline))


@pytest.mark.parametrize(
    ("leaves", "error"), [(False, DeadlinePassedError), (True, CancelledError)]
)
async def test_what_a_thread_still_decodes_stays_booked(
    pipeline: Pipeline,
    admission: Admission,
    monkeypatch: pytest.MonkeyPatch,
    leaves: bool,
    error: type[BaseException],
) -> None:
    begun, release = threading.Event(), threading.Event()

    def endless(*_: object) -> Picture:
        begun.set()
        release.wait(30)
        return Picture(samples.picture(), None, None)

    async def request() -> None:
        with pipeline.hold("caller", len(IMAGE)):
            await pipeline.cut_out(Sources(IMAGE), CutOutOptions(), Job("caller", deadline))

    monkeypatch.setattr(decoder, "decode", endless)
    deadline = Deadline.after(60 if leaves else 0.1)
    task = asyncio.create_task(request())
    await until(begun.is_set)
    if leaves:
        task.cancel()
    else:
        await until(lambda: deadline.remaining_s < 0)
    await settle()

    assert not task.done()
    assert admission.in_use_px > 0
    assert admission.held_bytes == len(IMAGE)
    release.set()
    with pytest.raises(error):
        await task
    assert (admission.in_use_px, admission.held_bytes) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "max_pixels", "decoded_size"),
    [
        ("JPEG", None, (640, 480)),
        ("JPEG", 640 * 480, (640, 480)),
        ("JPEG", 40 * 30, (80, 60)),
        ("JPEG", 41 * 31, (160, 120)),
        ("JPEG", 1, (80, 60)),
        ("PNG", 40 * 30, (640, 480)),
    ],
)
async def test_no_more_of_a_jpeg_is_decoded_than_the_answer_and_the_network_need(
    pipeline: Pipeline,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    max_pixels: int | None,
    decoded_size: tuple[int, int],
) -> None:
    sizes: list[tuple[int, int]] = []

    def watched(picture: Picture, height_px: int, width_px: int) -> View:
        sizes.append(picture.rgb.size)
        return view(picture, height_px, width_px)

    monkeypatch.setattr(steps, "view", watched)
    image = samples.encoded(samples.picture(640, 480), kind)
    job = Job("caller", Deadline.after(60))
    answer = await pipeline.cut_out(Sources(image), CutOutOptions(max_pixels=max_pixels), job)
    assert sizes == [decoded_size]
    assert (answer.width_px, answer.height_px) == fitted_size(640, 480, max_pixels or 640 * 480)
