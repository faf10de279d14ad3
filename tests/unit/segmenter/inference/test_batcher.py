"""Joining single pictures to batches."""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.deadline import Deadline
from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
    SegmenterError,
    Shortage,
)
from segmenter.inference.batcher import Batcher, BatchPolicy
from segmenter.inference.engine import ModelSpec
from telemetry.tracing import OFF, Tracer
from tests.otlp import Collector, http_collector
from tests.traced import OTHER_TRACE_ID, TRACE_ID, traced, traceparent
from tests.traced import variables as tracing_to
from tests.waiting import settle

SPEC = ModelSpec("toy", 2, 3, max_batch_size=4, known_answer=None)
Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def mean_of_each(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    means_f32: NDArray[np.float32] = batch_u8.astype(np.float32).mean(axis=3) / 255
    return means_f32


class GatedEngine:
    """Answers when the gate is open, by an ordinary function, and remembers its batches."""

    def __init__(self, answer: Answer = mean_of_each) -> None:
        self.batches: list[list[int]] = []
        self.alone: list[bool] = []
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._answer = answer

    async def spec(self, model: str) -> ModelSpec:
        raise NotImplementedError(model)

    async def ready(self, model: str) -> bool:
        return bool(model)

    async def infer(
        self,
        model: str,  # noqa: ARG002 - there is one
        batch_u8: NDArray[np.uint8],
        timeout_s: float,  # noqa: ARG002 - the tests have their own
        *,
        alone: bool = True,
    ) -> NDArray[np.float32]:
        self.alone.append(alone)
        self.batches.append([int(picture[0, 0, 0]) for picture in batch_u8])
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self._answer(batch_u8)

    async def close(self) -> None:
        pass


@dataclass
class Notes:
    sizes: list[int] = field(default_factory=list)
    failures: list[type[Exception]] = field(default_factory=list)
    abandoned: int = 0

    def batch_finished(self, model: str, size: int, seconds: float) -> None:  # noqa: ARG002
        self.sizes.append(size)

    def batch_failed(self, model: str, error: Exception) -> None:  # noqa: ARG002
        self.failures.append(type(error))

    def batch_abandoned(self, model: str, size: int) -> None:  # noqa: ARG002
        self.abandoned += size

    def entry_abandoned(self, model: str) -> None:  # noqa: ARG002
        self.abandoned += 1


@dataclass
class Rig:
    engine: GatedEngine
    batcher: Batcher
    notes: Notes

    def submit(
        self, number: int, deadline: Deadline | None = None, caller: str = "caller"
    ) -> asyncio.Task[NDArray[np.float32]]:
        return asyncio.create_task(self._infer(number, deadline or Deadline.after(30), caller))

    async def _infer(self, number: int, deadline: Deadline, caller: str) -> NDArray[np.float32]:
        tensor_u8 = np.full((2, 3, 3), number, np.uint8)
        return (await self.batcher.infer(caller, tensor_u8, deadline)).alpha_f32


MakeRig = Callable[..., Rig]


@pytest.fixture
async def make_rig() -> AsyncIterator[MakeRig]:
    rigs: list[Rig] = []

    def make(
        answer: Answer = mean_of_each,
        max_queued: int = 64,
        max_running: int = 1,
        max_size: int = 64,
        is_lone: Callable[[], bool] = lambda: True,
    ) -> Rig:
        engine, notes = GatedEngine(answer), Notes()
        policy = BatchPolicy(max_queued, max_running, max_size, is_lone)
        batcher = Batcher(engine, SPEC, policy, notes)
        rigs.append(Rig(engine, batcher, notes))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.engine.gate.set()
        await rig.batcher.close()


async def test_a_lone_picture_waits_for_nobody(make_rig: MakeRig) -> None:
    rig = make_rig()
    alpha_f32 = await rig.submit(51)
    assert alpha_f32.shape == (2, 3)
    assert np.allclose(alpha_f32, 0.2)
    assert rig.engine.batches == [[51]]


async def test_while_a_batch_runs_the_next_one_fills(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    later = [rig.submit(number) for number in (2, 3, 4)]
    await settle()
    assert rig.batcher.queued == 3
    rig.engine.gate.set()
    await asyncio.gather(first, *later)
    assert rig.engine.batches == [[1], [2, 3, 4]]
    assert rig.notes.sizes == [1, 3]


async def test_a_batch_holds_at_most_what_the_network_takes(make_rig: MakeRig) -> None:
    rig = make_rig()
    await asyncio.gather(*(rig.submit(number) for number in range(9)))
    assert [len(batch) for batch in rig.engine.batches] == [4, 4, 1]


async def test_a_picture_is_alone_where_there_is_nothing_else_to_do(make_rig: MakeRig) -> None:
    others = [0]
    rig = make_rig(is_lone=lambda: not others[0])
    await rig.submit(1)
    others[0] = 1
    await rig.submit(2)
    assert rig.engine.alone == [True, False]


async def test_a_picture_beside_a_running_one_is_not_alone(make_rig: MakeRig) -> None:
    rig = make_rig(max_running=2)
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    second = rig.submit(2)
    await settle()
    assert rig.engine.alone == [True, False]
    rig.engine.gate.set()
    await asyncio.gather(first, second)


async def test_pictures_that_come_at_one_moment_are_not_alone(make_rig: MakeRig) -> None:
    rig = make_rig(max_running=3, max_size=1)
    await asyncio.gather(rig.submit(1), rig.submit(2))
    assert rig.engine.batches == [[1], [2]]
    assert rig.engine.alone == [False, False]


async def test_everybody_gets_their_own_answer(make_rig: MakeRig) -> None:
    rig = make_rig()
    alphas = await asyncio.gather(*(rig.submit(number) for number in range(11)))
    for number, alpha_f32 in enumerate(alphas):
        assert np.allclose(alpha_f32, number / 255)


async def test_the_earliest_deadline_goes_first(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    relaxed = [rig.submit(number, Deadline.after(60)) for number in range(10, 14)]
    urgent = rig.submit(2, Deadline.after(5))
    await settle()
    rig.engine.gate.set()
    await asyncio.gather(first, urgent, *relaxed)
    assert 2 in rig.engine.batches[1]


async def test_of_equal_deadlines_the_first_to_come_goes_first(make_rig: MakeRig) -> None:
    rig, deadline = make_rig(), Deadline.after(30)
    await asyncio.gather(*(rig.submit(number, deadline) for number in range(32)))
    assert [number for batch in rig.engine.batches for number in batch] == list(range(32))


async def test_callers_take_turns_whatever_their_deadlines(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    tasks = [rig.submit(1, caller="greedy")]
    await settle()
    tasks += [rig.submit(n, Deadline.after(5), "greedy") for n in range(10, 18)]
    tasks += [rig.submit(n, Deadline.after(60), "modest") for n in (50, 51)]
    await settle()
    rig.engine.gate.set()
    await asyncio.gather(*tasks)
    assert sorted(rig.engine.batches[1]) == [10, 11, 50, 51]


async def test_two_batches_may_run_at_a_time_where_that_is_allowed(make_rig: MakeRig) -> None:
    rig = make_rig(max_running=2)
    rig.engine.gate.clear()
    tasks = [rig.submit(1)]
    await settle()
    tasks.append(rig.submit(2))
    await settle()
    tasks.append(rig.submit(3))
    await settle()
    assert rig.engine.batches == [[1], [2]]
    rig.engine.gate.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(("max_size", "sizes"), [(2, [2, 1]), (3, [3]), (64, [3])])
async def test_batches_end_at_the_size_that_is_set(
    make_rig: MakeRig, max_size: int, sizes: list[int]
) -> None:
    rig = make_rig(max_size=max_size)
    rig.engine.gate.clear()
    tasks = [rig.submit(1)]
    await settle()
    tasks += [rig.submit(number) for number in (2, 3, 4)]
    await settle()
    rig.engine.gate.set()
    await asyncio.gather(*tasks)

    assert [len(batch) for batch in rig.engine.batches] == [1, *sizes]


@pytest.mark.parametrize(("max_queued", "refused"), [(2, False), (1, True)])
async def test_a_full_queue_refuses_at_once(
    make_rig: MakeRig,
    max_queued: int,
    refused: bool,
) -> None:
    rig = make_rig(max_queued=max_queued)
    rig.engine.gate.clear()
    tasks = [rig.submit(1)]
    await settle()
    tasks.append(rig.submit(2))
    await settle()
    last = rig.submit(3)
    await settle()
    rig.engine.gate.set()
    outcome = (await asyncio.gather(*tasks, last, return_exceptions=True))[-1]
    assert isinstance(outcome, OverloadedError) is refused
    if isinstance(outcome, OverloadedError):
        assert outcome.shortage is Shortage.BATCH_QUEUE


async def test_who_left_never_reaches_the_engine(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    gone, stays = rig.submit(2), rig.submit(3)
    await settle()
    gone.cancel()
    await settle()
    assert rig.batcher.queued == 1
    rig.engine.gate.set()
    await asyncio.gather(first, stays)
    assert rig.engine.batches == [[1], [3]]
    assert rig.notes.abandoned == 1


async def test_the_engine_is_told_when_all_of_a_batch_have_left(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    leaving = [rig.submit(2), rig.submit(3)]
    await settle()
    first.cancel()
    await settle()
    assert (rig.engine.batches, rig.engine.cancelled) == ([[1], [2, 3]], 1)

    leaving[0].cancel()
    await settle()
    assert rig.engine.cancelled == 1  # somebody waits for the rest of that batch
    leaving[1].cancel()
    await settle()

    assert (rig.engine.cancelled, rig.notes.abandoned) == (2, 3)
    assert rig.notes.failures == []
    rig.engine.gate.set()
    assert np.allclose(await rig.submit(51), 0.2)


async def test_who_leaves_a_running_batch_leaves_the_others_their_answers(
    make_rig: MakeRig,
) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    blocked = rig.submit(1)
    await settle()
    gone, stays = rig.submit(2), rig.submit(51)
    blocked.cancel()
    await settle()
    gone.cancel()
    await settle()
    rig.engine.gate.set()
    assert np.allclose(await stays, 0.2)
    assert rig.engine.batches == [[1], [2, 51]]


async def test_what_expired_never_reaches_the_engine(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    first = rig.submit(1)
    await settle()
    with pytest.raises(DeadlinePassedError):
        await rig.submit(2, Deadline.after(0.01))
    rig.engine.gate.set()
    await first
    assert rig.engine.batches == [[1]]


def fails_on(number: int) -> Answer:
    def answer(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        if (batch_u8 == number).any():
            raise EngineFailedError("poison")
        return mean_of_each(batch_u8)

    return answer


async def test_a_poisonous_picture_fails_alone(make_rig: MakeRig) -> None:
    rig = make_rig(fails_on(2))
    outcomes = await asyncio.gather(*(rig.submit(n) for n in range(4)), return_exceptions=True)
    assert isinstance(outcomes[2], EngineFailedError)
    assert [isinstance(outcome, np.ndarray) for outcome in outcomes] == [True, True, False, True]
    assert rig.engine.batches == [[0, 1, 2, 3], [0], [1], [2], [3]]


def nan_for(number: int) -> Answer:
    def answer(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        alphas_f32 = mean_of_each(batch_u8)
        alphas_f32[(batch_u8 == number).all(axis=(1, 2, 3)), 0, 0] = np.nan
        return alphas_f32

    return answer


async def test_values_that_are_no_numbers_fail_their_picture_alone(make_rig: MakeRig) -> None:
    rig = make_rig(nan_for(3))
    outcomes = await asyncio.gather(*(rig.submit(n) for n in range(4)), return_exceptions=True)
    assert isinstance(outcomes[3], EngineFailedError)
    assert all(isinstance(outcome, np.ndarray) for outcome in outcomes[:3])
    assert rig.notes.failures == [EngineFailedError]


async def test_a_lost_engine_fails_the_batch_without_hammering_it(make_rig: MakeRig) -> None:
    def lost(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise EngineUnavailableError(f"gone with {len(batch_u8)}")

    rig = make_rig(lost)
    outcomes = await asyncio.gather(*(rig.submit(n) for n in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, EngineUnavailableError) for outcome in outcomes)
    assert len(rig.engine.batches) == 1
    assert len(rig.notes.failures) == 1


async def test_too_few_answers_are_never_handed_to_the_wrong_caller(make_rig: MakeRig) -> None:
    rig = make_rig(lambda batch_u8: mean_of_each(batch_u8)[:-1])
    outcomes = await asyncio.gather(*(rig.submit(n) for n in range(2)), return_exceptions=True)
    assert all(isinstance(outcome, EngineFailedError) for outcome in outcomes)


async def test_an_unforeseen_error_reaches_the_callers_and_the_next_batch_runs(
    make_rig: MakeRig,
) -> None:
    def surprise(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        if batch_u8.max() == 1:
            raise ZeroDivisionError
        return mean_of_each(batch_u8)

    rig = make_rig(surprise)
    with pytest.raises(ZeroDivisionError):
        await rig.submit(1)
    assert rig.notes.failures == [ZeroDivisionError]
    assert np.allclose(await rig.submit(255), 1)


async def test_closing_answers_what_is_queued_and_refuses_newcomers(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    queued = [rig.submit(number) for number in range(6)]
    await settle()
    closing = asyncio.create_task(rig.batcher.close())
    await settle()
    with pytest.raises(EngineUnavailableError):
        await rig.submit(9)
    rig.engine.gate.set()
    assert len(await asyncio.gather(*queued)) == 6
    await closing


class Upload:
    """What a caller holds while it waits."""


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("lasts_s", [30.0, 0.01])
@pytest.mark.parametrize("is_traced", [False, True])
async def test_nothing_of_a_failed_picture_stays_in_memory(
    make_rig: MakeRig, tracer: Tracer, lasts_s: float, *, is_traced: bool
) -> None:
    def lost(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise EngineUnavailableError(f"gone with {len(batch_u8)}") from OSError("reset")

    rig = make_rig(lost)
    uploads: list[weakref.ref[Upload]] = []

    async def call() -> None:
        upload = Upload()
        uploads.append(weakref.ref(upload))
        tensor_u8 = np.zeros((2, 3, 3), np.uint8)
        await rig.batcher.infer("caller", tensor_u8, Deadline.after(lasts_s))

    if lasts_s < 1:
        rig.engine.gate.clear()
    for _ in range(3):
        with contextlib.suppress(SegmenterError), (tracer if is_traced else OFF).serve("", {}):
            await call()
    await settle()
    assert [upload() for upload in uploads] == [None] * 3


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


@pytest.fixture
def tracer(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracer]:
    with traced(monkeypatch, tracing_to(collector)) as opened:
        yield opened


async def test_a_batch_is_linked_with_each_of_its_pictures_whosever_they_are(
    make_rig: MakeRig, tracer: Tracer, collector: Collector
) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    alone = rig.submit(1)
    await settle()
    riders: list[asyncio.Task[NDArray[np.float32]]] = []
    for trace_id in (TRACE_ID, OTHER_TRACE_ID):
        with tracer.serve("call", {"traceparent": traceparent(trace_id)}):
            riders.append(rig.submit(len(riders) + 2))
            await settle()
    untraced = rig.submit(4)
    await settle()
    rig.engine.gate.set()
    await asyncio.gather(alone, *riders, untraced)
    collector.until(lambda spans: len(spans) == 5)

    assert rig.engine.batches == [[1], [2, 3, 4]]
    (first,), (second,) = (collector.named(each, "infer") for each in (TRACE_ID, OTHER_TRACE_ID))
    (batch,) = collector.named(TRACE_ID, "batch")
    assert batch.parent_id == first.span_id
    assert batch.links == {first.place, second.place}
    assert first.links == second.links == {batch.place}
    assert batch.attributes == {"mattebox.model": "toy", "mattebox.batch.size": 3}
    assert not batch.is_error


async def test_a_failed_batch_says_why_and_so_does_each_picture_that_is_tried_alone(
    make_rig: MakeRig, tracer: Tracer, collector: Collector
) -> None:
    def refuses_three(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        if 3 in batch_u8[:, 0, 0, 0]:
            raise EngineFailedError("secret")
        return mean_of_each(batch_u8)

    rig = make_rig(refuses_three)
    rig.engine.gate.clear()
    with tracer.serve("call", {"traceparent": traceparent()}):
        tasks = []
        for number in (1, 2, 3):
            tasks.append(rig.submit(number))
            await settle()
    rig.engine.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    collector.until(lambda spans: len(spans) == 8)

    told = [
        (span.attributes["mattebox.batch.size"], span.attributes.get("error.type"), span.is_error)
        for span in collector.named(TRACE_ID, "batch")
    ]
    failed = ("ENGINE_FAILED", True)
    assert told == [(1, None, False), (2, *failed), (1, None, False), (1, *failed)]
    assert not any(b"secret" in raw for raw in collector.raw)


async def test_a_batch_that_is_answered_with_another_number_of_pictures_has_failed(
    make_rig: MakeRig, tracer: Tracer, collector: Collector
) -> None:
    rig = make_rig(lambda batch_u8: mean_of_each(batch_u8)[:0])
    with tracer.serve("call", {"traceparent": traceparent()}), pytest.raises(EngineFailedError):
        await rig.submit(1)
    collector.until(lambda spans: len(spans) == 3)

    (batch,) = collector.named(TRACE_ID, "batch")
    assert batch.is_error
    assert batch.attributes["error.type"] == "ENGINE_FAILED"


async def test_a_picture_that_has_left_is_part_of_no_batch(
    make_rig: MakeRig, tracer: Tracer, collector: Collector
) -> None:
    rig = make_rig()
    rig.engine.gate.clear()
    alone = rig.submit(1)
    await settle()
    with tracer.serve("call", {"traceparent": traceparent()}):
        leaving = rig.submit(2)
        await settle()
    leaving.cancel()
    await settle()
    rig.engine.gate.set()
    await alone
    collector.until(lambda spans: len(spans) == 2)

    (left,) = collector.named(TRACE_ID, "infer")
    assert left.links == frozenset()
    assert collector.named(TRACE_ID, "batch") == []
