"""The Triton engine, before a small real server that speaks Triton's protocol."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import numpy as np
import pytest
from benchmarks.fleet.fault_proxy import FaultProxy
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry
from tritonclient.grpc import service_pb2_grpc

from segmenter.deadline import Deadline
from segmenter.engine_watch import EngineWatch
from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
    Shortage,
)
from segmenter.inference.batch import Inferred
from segmenter.inference.batcher import Batcher, BatchPolicy
from segmenter.inference.triton import TritonEngine
from segmenter.inference.triton_errors import QUEUE_FULL
from segmenter.metrics import Metrics
from telemetry.tracing import NO_SPAN
from tests.otlp import http_collector
from tests.traced import OTHER_TRACE_ID, TRACE_ID, traced, traceparent
from tests.traced import variables as tracing_to
from tests.unit.segmenter.inference.fake_triton import FakeTriton, Refusal
from tests.waiting import until

BATCH_U8 = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)


@dataclass
class Rig:
    fake: FakeTriton
    engine: TritonEngine
    server: grpc.aio.Server
    port: int


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    fake = FakeTriton()
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    engine = TritonEngine(f"127.0.0.1:{port}")
    yield Rig(fake, engine, server, port)
    await engine.close()
    await server.stop(None)


@pytest.fixture
def proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.2:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("no_grpc_proxy", raising=False)


@pytest.mark.usefixtures("proxy_that_is_not_there", "rig")
async def test_a_proxy_of_the_environment_gets_no_pictures(rig: Rig) -> None:
    assert await rig.engine.ready("toy")


async def test_it_hands_pictures_over_and_mattes_back(rig: Rig) -> None:
    alphas_f32 = await rig.engine.infer("toy", BATCH_U8, 5)
    assert alphas_f32.dtype == np.float32
    assert np.allclose(alphas_f32, BATCH_U8[..., 0] / 255)


async def test_it_tells_the_queue_how_much_time_is_left(rig: Rig) -> None:
    await rig.engine.infer("toy", BATCH_U8, 5)
    assert 0 < rig.fake.last_timeout_us <= 5_000_000


@pytest.mark.parametrize("alone", [True, False])
async def test_it_tells_whether_there_is_anything_else_to_do(rig: Rig, *, alone: bool) -> None:
    await rig.engine.infer("toy", BATCH_U8, 5, alone=alone)
    assert rig.fake.last_alone is alone


async def test_it_reads_the_networks_shape(rig: Rig) -> None:
    spec = await rig.engine.spec("toy")
    assert (spec.input_height_px, spec.input_width_px, spec.max_batch_size) == (2, 3, 4)


async def test_it_knows_what_is_ready(rig: Rig) -> None:
    assert await rig.engine.ready("toy")
    assert not await rig.engine.ready("other")


@pytest.mark.parametrize(
    ("refusal", "error", "attempts"),
    [
        (
            (grpc.StatusCode.UNAVAILABLE, "in request: Exceeds maximum queue size"),
            OverloadedError,
            1,
        ),
        ((grpc.StatusCode.UNAVAILABLE, "Request timeout expired"), DeadlinePassedError, 1),
        (
            (grpc.StatusCode.INTERNAL, "Stub process 'toy_0' is not healthy."),
            EngineUnavailableError,
            1,
        ),
        ((grpc.StatusCode.INTERNAL, "something broke"), EngineFailedError, 1),
        ((grpc.StatusCode.INVALID_ARGUMENT, "unexpected shape"), EngineFailedError, 1),
        ((grpc.StatusCode.UNAVAILABLE, "Socket closed"), EngineUnavailableError, 2),
        (
            (grpc.StatusCode.NOT_FOUND, "Request for unknown model: 'toy' is not found"),
            EngineUnavailableError,
            2,
        ),
        (
            (
                grpc.StatusCode.NOT_FOUND,
                "Request for unknown model: 'toy' has no available versions",
            ),
            EngineUnavailableError,
            2,
        ),
    ],
)
async def test_each_refusal_has_its_meaning_and_only_a_lost_server_is_asked_again(
    rig: Rig, refusal: Refusal, error: type[Exception], attempts: int
) -> None:
    rig.fake.refusals = [refusal] * 2
    with pytest.raises(error) as raised:
        await rig.engine.infer("toy", BATCH_U8, 5)
    if isinstance(raised.value, OverloadedError):
        assert raised.value.shortage is Shortage.ENGINE_QUEUE
    assert rig.fake.calls == attempts


async def test_a_second_attempt_may_succeed(rig: Rig) -> None:
    rig.fake.refusals = [(grpc.StatusCode.UNAVAILABLE, "GOAWAY received")]
    assert (await rig.engine.infer("toy", BATCH_U8, 5)).shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("message", "error", "most_calls"),
    [("Socket closed", EngineUnavailableError, 44), (QUEUE_FULL, OverloadedError, 40)],
)
async def test_a_lasting_failure_makes_calls_grow_by_a_tenth_at_most_and_a_full_queue_not_at_all(
    rig: Rig, message: str, error: type[Exception], most_calls: int
) -> None:
    rig.fake.refusals = [(grpc.StatusCode.UNAVAILABLE, message)] * 99
    for _ in range(40):
        with pytest.raises(error):
            await rig.engine.infer("toy", BATCH_U8, 5)
    assert 40 <= rig.fake.calls <= most_calls


async def test_a_passed_deadline_ends_the_call_and_cancels_it_there(rig: Rig) -> None:
    rig.fake.hang = True
    with pytest.raises(DeadlinePassedError):
        await rig.engine.infer("toy", BATCH_U8, 0.2)
    await until(lambda: rig.fake.cancelled == 1)


async def test_a_cancelled_caller_cancels_the_call_there(rig: Rig) -> None:
    rig.fake.hang = True
    call = asyncio.create_task(rig.engine.infer("toy", BATCH_U8, 5))
    await until(lambda: rig.fake.calls == 1)
    call.cancel()
    await until(lambda: rig.fake.cancelled == 1)


async def test_a_type_that_was_not_agreed_on_is_an_error(rig: Rig) -> None:
    rig.fake.dtype = np.float64
    with pytest.raises(EngineFailedError, match="float64"):
        await rig.engine.infer("toy", BATCH_U8, 5)


async def test_without_a_server_it_is_unavailable_and_not_ready(rig: Rig) -> None:
    await rig.server.stop(None)
    assert not await rig.engine.ready("toy")
    with pytest.raises(EngineUnavailableError):
        await rig.engine.infer("toy", BATCH_U8, 5)
    with pytest.raises(EngineUnavailableError):
        await rig.engine.spec("toy")


async def test_a_connection_on_which_nothing_comes_any_more_is_made_anew(rig: Rig) -> None:
    proxy = FaultProxy(rig.port)
    await proxy.start()
    engine = TritonEngine(f"127.0.0.1:{await proxy.port()}")
    assert await engine.ready("toy")

    await proxy.forget()

    assert [await engine.ready("toy") for _ in range(3)] == [False, False, True]
    await engine.infer("toy", BATCH_U8, 5)
    await engine.close()
    await proxy.close()


@pytest.fixture
async def batcher(rig: Rig) -> AsyncIterator[Batcher]:
    watch = EngineWatch(Metrics(CollectorRegistry()).engine)
    spec = await rig.engine.spec("toy")
    batcher = Batcher(rig.engine, spec, BatchPolicy(max_queued=8, max_running=1), watch)
    yield batcher
    await batcher.close()


def pictures(*values: int) -> list[NDArray[np.uint8]]:
    return [np.full((2, 3, 3), value, np.uint8) for value in values]


def no_numbers_of_13(alphas_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(alphas_f32 == np.float32(13) / 255, np.float32("nan"), alphas_f32)


@pytest.mark.parametrize("trouble", ["the server fails", "no numbers"])
async def test_one_picture_of_a_batch_fails_alone(rig: Rig, batcher: Batcher, trouble: str) -> None:
    if trouble == "no numbers":
        rig.fake.spoil = no_numbers_of_13
    else:
        rig.fake.poison = 13
    calls = [batcher.infer("caller", each, Deadline.after(30)) for each in pictures(1, 2, 13, 4)]

    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert [isinstance(answer, Inferred) for answer in answers] == [True, True, False, True]
    assert isinstance(answers[2], EngineFailedError)


async def test_a_batch_with_too_few_answers_is_asked_for_one_by_one(
    rig: Rig, batcher: Batcher
) -> None:
    rig.fake.spoil = lambda alphas_f32: alphas_f32[: max(1, len(alphas_f32) - 1)]

    answers = await asyncio.gather(
        *(batcher.infer("caller", each, Deadline.after(30)) for each in pictures(1, 2, 3, 4))
    )

    found = [round(float(answer.alpha_f32[0, 0]) * 255) for answer in answers]
    assert found == [1, 2, 3, 4]


async def test_triton_is_told_of_traces_that_are_sampled_and_of_no_others(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It traces whatever is said to be part of a trace, sampled or not."""
    said = {"traceparent": traceparent(), "tracestate": "vendor=word"}
    unsampled = {"traceparent": traceparent(OTHER_TRACE_ID, sampled=False)}
    told = []
    with http_collector() as collector:
        with traced(monkeypatch, tracing_to(collector)) as tracer:
            for span in (tracer.serve("POST /v2", said), tracer.serve("", unsampled), NO_SPAN):
                with span:
                    await rig.engine.infer("toy", BATCH_U8, 5.0)
                names = ("traceparent", "tracestate")
                told.append([rig.fake.last_metadata.get(name) for name in names])
        (call,) = collector.named(TRACE_ID, "inference.GRPCInferenceService/ModelInfer")

    assert call.kind == "CLIENT"
    assert call.attributes["mattebox.model"] == "toy"
    assert told == [
        [f"00-{TRACE_ID}-{call.span_id}-01", "vendor=word"],
        [None, None],
        [None, None],
    ]


async def test_each_attempt_is_a_span_and_a_failed_one_says_why(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.fake.refusals = [(grpc.StatusCode.UNAVAILABLE, "Server is stopping")]
    with http_collector() as collector:
        with (
            traced(monkeypatch, tracing_to(collector)) as tracer,
            tracer.serve("POST /v2", {"traceparent": traceparent()}),
        ):
            await rig.engine.infer("toy", BATCH_U8, 5.0)
        spans = collector.named(TRACE_ID, "inference.GRPCInferenceService/ModelInfer")

    told = ("rpc.response.status_code", "error.type")
    assert [(span.is_error, *map(span.attributes.get, told)) for span in spans] == [
        (True, "UNAVAILABLE", "UNAVAILABLE"),
        (False, "OK", None),
    ]
