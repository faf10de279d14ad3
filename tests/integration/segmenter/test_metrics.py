"""What the segmenter counts, each for its cause."""

import asyncio
import signal
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client.parser import text_string_to_metric_families

from mattebox.segmenter import v1
from segmenter.errors import EngineUnavailableError, OverloadedError, Shortage
from segmenter.guarded.child import Child
from segmenter.inference.in_process import InProcessEngine
from segmenter.settings import AdmissionSettings, GuardSettings, ImageSettings
from tests.docs_scripts import docs_script
from tests.integration.segmenter import red_network
from tests.integration.segmenter.calls import cut
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.integration.segmenter.test_canaries import Trace, segmenter_process
from tests.integration.segmenter.watched_work import watched
from tests.unit.segmenter.guarded.children import child_pids, gone, halt, kill
from tests.waiting import until

BALL = red_ball()
GIF = red_ball(format="GIF")
LONG_S = 60.0
SHORT_S = 1.5


class Gate:
    """The network waits for it, and fails as it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.error: Exception | None = None
        self.delay_s = 0.0


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate, infer = Gate(), InProcessEngine.infer
    gate.open.set()

    async def gated(
        self: InProcessEngine,
        model: str,
        batch_u8: NDArray[np.uint8],
        timeout_s: float,
        *,
        alone: bool = True,
    ) -> NDArray[np.float32]:
        await gate.open.wait()
        await asyncio.sleep(gate.delay_s)
        if gate.error is not None:
            raise gate.error
        return await infer(self, model, batch_u8, timeout_s, alone=alone)

    monkeypatch.setattr(InProcessEngine, "infer", gated)
    yield gate
    gate.open.set()


async def started(start_segmenter: StartSegmenter, gate: Gate, **admission: Any) -> Segmenter:
    """Starts a segmenter that works on one picture at a time, unless told otherwise."""
    settings = AdmissionSettings(**{"budget_mp": 1, "max_wait_s": LONG_S, **admission})
    image = ImageSettings(max_bytes=len(BALL))
    segmenter = await start_segmenter(admission=settings, image=image)
    await segmenter.await_serving()
    gate.open.clear()
    return segmenter


def begun(segmenter: Segmenter, caller: str = "a", timeout_s: float = LONG_S) -> Any:
    request = v1.RemoveBackgroundRequest(image=BALL)
    metadata = (("x-mattebox-caller", caller),)
    return segmenter.stub.RemoveBackground(request, timeout=timeout_s, metadata=metadata)


async def at_work(segmenter: Segmenter) -> Any:
    """Has a picture worked on by the engine, which does not answer."""
    call = begun(segmenter)
    await until(lambda: segmenter.sample("batches_running") == 1)
    return call


async def reached(segmenter: Segmenter, name: str, value: float) -> None:
    await until(lambda: segmenter.sample(name) == value)


async def waiting(segmenter: Segmenter, count: int, caller: str = "a") -> list[Any]:
    calls = []
    for number in range(count):
        calls.append(begun(segmenter, caller))
        await reached(segmenter, "waiting_pictures", number + 1)
    return calls


async def refused(call: Any, status: grpc.StatusCode = grpc.StatusCode.RESOURCE_EXHAUSTED) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call
    assert refusal.value.code() is status


def refusals(segmenter: Segmenter) -> dict[str, float]:
    counts = {
        each.value: segmenter.sample("admission_refusals_total", reason=each.value)
        for each in Shortage
    }
    return {reason: count for reason, count in counts.items() if count}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_held_bytes": 2 * len(BALL)}, "bytes"),
        ({"max_waiting": 1}, "pictures"),
        ({"max_waiting_mp": 1}, "megapixels"),
    ],
)
async def test_a_full_queue_is_counted_by_what_is_short(
    start_segmenter: StartSegmenter, gate: Gate, limits: dict[str, int], reason: str
) -> None:
    segmenter = await started(start_segmenter, gate, **limits)
    calls = [await at_work(segmenter)]
    if reason != "bytes":
        calls += await waiting(segmenter, 1)

    await refused(begun(segmenter))

    assert refusals(segmenter) == {reason: 1}
    gate.open.set()
    await asyncio.gather(*calls)


async def test_whoever_is_pushed_out_is_counted(
    start_segmenter: StartSegmenter, gate: Gate
) -> None:
    segmenter = await started(start_segmenter, gate, max_waiting=2)
    calls = [await at_work(segmenter), *await waiting(segmenter, 2)]

    newcomer = begun(segmenter, "b")
    await refused(calls.pop())

    assert refusals(segmenter) == {"pushed_out": 1}
    gate.open.set()
    await asyncio.gather(*calls, newcomer)


@pytest.mark.parametrize(
    ("max_wait_s", "timeout_s", "reason"), [(0.001, LONG_S, "wait"), (LONG_S, 2.0, "deadline")]
)
async def test_what_would_take_too_long_is_counted(
    start_segmenter: StartSegmenter, gate: Gate, max_wait_s: float, timeout_s: float, reason: str
) -> None:
    segmenter = await started(start_segmenter, gate, max_wait_s=max_wait_s)
    gate.open.set()
    gate.delay_s = 3.0  # which tells how long the next ones will take
    await cut(segmenter, BALL)
    gate.open.clear()
    call = await at_work(segmenter)

    await refused(begun(segmenter, timeout_s=timeout_s))

    assert refusals(segmenter) == {reason: 1}
    gate.delay_s = 0
    gate.open.set()
    await call


async def test_a_question_that_is_answered_with_no_is_counted(
    start_segmenter: StartSegmenter, gate: Gate
) -> None:
    segmenter = await started(start_segmenter, gate, max_waiting=1)
    calls = [await at_work(segmenter), *await waiting(segmenter, 1)]

    question = v1.CheckAdmissionRequest(image_bytes=len(BALL))
    metadata = (("x-mattebox-caller", "a"),)
    await refused(segmenter.stub.CheckAdmission(question, metadata=metadata))

    assert refusals(segmenter) == {"pictures": 1}
    gate.open.set()
    await asyncio.gather(*calls)


async def test_a_full_queue_of_the_engine_is_counted(segmenter: Segmenter, gate: Gate) -> None:
    gate.error = OverloadedError("full", Shortage.ENGINE_QUEUE)

    await refused(begun(segmenter))

    assert refusals(segmenter) == {"engine_queue": 1}
    assert segmenter.sample("batch_failures_total", model="red", error="OverloadedError") == 1


async def placed(segmenter: Segmenter, where: str, timeout_s: float) -> Any:
    """Gives a call whose picture is somewhere, and stays there."""
    if where == "arrival":
        pieces = segmenter.stub.RemoveBackgroundChunked(timeout=timeout_s)
        head = v1.ImageHead(image_bytes=len(BALL))
        await pieces.write(v1.RemoveBackgroundChunkedRequest(head=head))
        await pieces.read()
        return pieces
    if where == "work":
        call = begun(segmenter, timeout_s=timeout_s)
        await until(lambda: segmenter.sample("batches_running") == 1)
        return call
    call = begun(segmenter, timeout_s=timeout_s)
    queue = "waiting_pictures" if where == "waiting" else "batch_queue_pictures"
    await until(lambda: segmenter.sample(queue) == 1)
    return call


def ended(segmenter: Segmenter, how: str) -> dict[str, float]:
    places = ("arrival", "waiting", "batch_queue", "work", "delivery")
    counts = {where: segmenter.sample(f"{how}_pictures_total", where=where) for where in places}
    return {where: count for where, count in counts.items() if count}


@pytest.mark.parametrize("where", ["arrival", "waiting", "batch_queue", "work"])
@pytest.mark.parametrize("how", ["expired", "cancelled"])
async def test_a_picture_that_nobody_waits_for_any_more_is_counted_by_where_it_was(
    start_segmenter: StartSegmenter, gate: Gate, where: str, how: str
) -> None:
    segmenter = await started(start_segmenter, gate, budget_mp=2 if where == "batch_queue" else 1)
    before = [await at_work(segmenter)] if where in {"waiting", "batch_queue"} else []

    call = await placed(segmenter, where, SHORT_S if how == "expired" else LONG_S)
    if how == "cancelled":
        call.cancel()

    await until(lambda: ended(segmenter, how) == {where: 1})
    assert ended(segmenter, "cancelled" if how == "expired" else "expired") == {}
    gate.open.set()
    await asyncio.gather(*before)


async def test_a_caller_that_leaves_its_answer_is_counted(segmenter: Segmenter) -> None:
    large = red_ball(2500, 2500)
    options = v1.CutOutOptions(format=v1.OutputFormat.OUTPUT_FORMAT_BMP)
    call = segmenter.stub.RemoveBackgroundChunked(timeout=LONG_S)
    head = v1.ImageHead(image_bytes=len(large), options=options)
    await call.write(v1.RemoveBackgroundChunkedRequest(head=head))
    await call.read()
    await call.write(v1.RemoveBackgroundChunkedRequest(chunk=large))
    await call.done_writing()
    assert (await call.read()).head.image_bytes > 18_000_000

    call.cancel()

    await until(lambda: ended(segmenter, "cancelled") == {"delivery": 1})


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "missing_image"),
        (b"no image", "invalid_image"),
        (b"8BPS\0\1" + bytes(40), "unsupported_image_format"),
        (b"\xff\xd8\xff" + bytes(200_000), "image_too_many_bytes"),
        (red_ball(400, 300), "image_too_many_pixels"),
    ],
)
async def test_a_picture_that_is_refused_for_what_it_is_is_counted_by_the_reason(
    start_segmenter: StartSegmenter, image: bytes, reason: str
) -> None:
    limits = ImageSettings(max_bytes=100_000, max_pixels=100_000)
    segmenter = await start_segmenter(image=limits)
    await segmenter.await_serving()

    await refused(
        segmenter.stub.RemoveBackground(v1.RemoveBackgroundRequest(image=image)),
        grpc.StatusCode.INVALID_ARGUMENT,
    )

    assert segmenter.sample("refused_images_total", reason=reason) == 1
    assert refusals(segmenter) == {}


async def test_items_of_a_stream_are_counted_as_pictures(segmenter: Segmenter) -> None:
    async def items() -> AsyncIterator[v1.StreamRemoveBackgroundRequest]:
        yield v1.StreamRemoveBackgroundRequest(item_id="one", image=b"no image")

    async for answer in segmenter.stub.StreamRemoveBackground(items(), timeout=LONG_S):
        assert answer.WhichOneof("outcome") == "error"

    assert segmenter.sample("refused_images_total", reason="invalid_image") == 1


@pytest.mark.parametrize(
    ("ending", "cause"),
    [(signal.SIGSEGV, "crash"), (signal.SIGKILL, "memory"), (signal.SIGXCPU, "cpu")],
)
async def test_a_guarded_decoder_that_ends_is_counted_by_why(
    segmenter: Segmenter, ending: signal.Signals, cause: str
) -> None:
    await cut(segmenter, GIF)
    for pid in child_pids():
        kill(pid, ending)
        await gone(pid)

    assert (await cut(segmenter, GIF)).foreground_found

    await until(lambda: segmenter.sample("decoder_restarts_total", cause=cause) == 2)


async def test_a_guarded_decoder_that_is_stopped_for_its_time_is_counted(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(guard=GuardSettings(timeout_s=2))
    await segmenter.await_serving()
    await cut(segmenter, GIF)
    for pid in child_pids():
        halt(pid)

    await refused(
        segmenter.stub.RemoveBackground(v1.RemoveBackgroundRequest(image=GIF)),
        grpc.StatusCode.INVALID_ARGUMENT,
    )

    assert segmenter.sample("decoder_restarts_total", cause="timeout") == 1


async def test_guarded_decoders_that_have_done_their_share_are_counted(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(guard=GuardSettings(max_tasks=1))
    await segmenter.await_serving()

    await cut(segmenter, GIF)

    # One has read the header, and one has decoded.
    assert segmenter.sample("decoder_restarts_total", cause="recycled") == 2


async def test_a_guarded_decoder_that_nobody_waits_for_is_counted(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cut(segmenter, GIF)
    for pid in child_pids():
        halt(pid)
    tasks = watched(monkeypatch, (Child, "take"))
    call = segmenter.stub.RemoveBackground(v1.RemoveBackgroundRequest(image=GIF))
    await until(lambda: len(tasks) == 1)

    call.cancel()

    await until(lambda: segmenter.sample("decoder_restarts_total", cause="cancelled") == 1)


async def test_a_loss_of_the_engine_is_counted(segmenter: Segmenter, gate: Gate) -> None:
    assert segmenter.sample("engine_losses_total") == 0
    failed_looks = segmenter.sample("engine_failed_looks_total")
    gate.error = EngineUnavailableError("It is gone.")

    await refused(begun(segmenter), grpc.StatusCode.UNAVAILABLE)
    await until(lambda: segmenter.sample("engine_losses_total") == 1)

    assert segmenter.sample("engine_failed_looks_total") >= failed_looks + 2
    assert segmenter.sample("ready") == 0
    gate.error = None
    await segmenter.await_serving()
    assert segmenter.sample("engine_losses_total") == 1


async def test_queues_tell_their_ages_and_limits(
    start_segmenter: StartSegmenter, gate: Gate
) -> None:
    segmenter = await started(start_segmenter, gate, budget_mp=2, max_waiting=7)
    ages = ("waiting_age_seconds", "batch_queue_age_seconds")
    assert [segmenter.sample(age) for age in ages] == [0, 0]

    calls = [await at_work(segmenter), begun(segmenter)]
    await until(lambda: segmenter.sample("batch_queue_pictures") == 1)
    calls += await waiting(segmenter, 1)

    for age in ages:
        younger_s = segmenter.sample(age)
        while segmenter.sample(age) <= younger_s:
            await asyncio.sleep(0)
        assert younger_s > 0
    assert segmenter.sample("batches_running") == 1
    assert segmenter.sample("budget_megapixels") == 2
    assert segmenter.sample("max_waiting_pictures") == 7
    gate.open.set()
    await asyncio.gather(*calls)
    assert [segmenter.sample(age) for age in ages] == [0, 0]
    assert segmenter.sample("deadline_left_seconds_count") == 3
    assert segmenter.sample("batch_seconds_count", model="red") == segmenter.sample(
        "batch_size_count", model="red"
    )


async def test_what_a_process_serves_is_what_the_page_tells(tmp_path: Path) -> None:
    red_network.install(tmp_path / "models")
    (tmp_path / "empty").mkdir()
    running = segmenter_process(Trace(), tmp_path / "models", tmp_path / "empty")
    async with running as (_, port):
        text = await asyncio.to_thread(_page, f"http://127.0.0.1:{port}/metrics")
    script = docs_script("make_metrics")
    told = {
        name: labels
        for name, labels in script.samples().items()
        if name.startswith("mattebox_segmenter_")
    }
    values = script.values()
    served: dict[str, frozenset[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("mattebox_") and not sample.name.endswith("_created"):
                served[sample.name] = frozenset(sample.labels)
                for label, value in sample.labels.items():
                    assert value in values.get((sample.name, label), {value})

    assert served == told
    assert 'engine="onnxruntime"' in text
    assert 'batch_failures_total{error="EngineFailedError",model="red"} 0.0' in text
    assert 'calls_total{code="INTERNAL",method="RemoveBackground"} 0.0' in text


def _page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=LONG_S) as page:
        content: bytes = page.read()
        return content.decode()
