"""The Triton engine, before a small real server that speaks Triton's protocol."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import grpc
import numpy as np
import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
)
from segmenter.inference.triton import TritonEngine
from tests.waiting import until

CONFIG = text_format.Parse(
    """
    name: "toy" max_batch_size: 4
    input [{ name: "image" data_type: TYPE_UINT8 dims: [2, 3, 3] }]
    output [{ name: "alpha" data_type: TYPE_FP32 dims: [2, 3] }]
    """,
    model_config_pb2.ModelConfig(),
)
BATCH_U8 = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)
Refusal = tuple[grpc.StatusCode, str]


@dataclass
class FakeTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Answers with each picture's red channel over 255, after the refusals it is given."""

    refusals: list[Refusal] = field(default_factory=list)
    dtype: type = np.float32
    hang: bool = False
    calls: int = 0
    cancelled: int = 0
    last_timeout_us: int = 0

    async def ServerReady(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ModelReadyResponse(ready=request.name == "toy")  # type: ignore[attr-defined]

    async def ModelConfig(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ModelConfigResponse(config=CONFIG)

    async def ModelInfer(self, request, context):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, N802
        self.calls += 1
        self.last_timeout_us = request.parameters["timeout"].int64_param
        if self.hang:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if self.refusals:
            await context.abort(*self.refusals.pop(0))
        pixels_u8 = np.frombuffer(request.raw_input_contents[0], np.uint8)
        alphas = pixels_u8.reshape(request.inputs[0].shape)[..., 0].astype(self.dtype) / 255
        answer = service_pb2.ModelInferResponse(model_name="toy")
        answer.outputs.add(
            name="alpha",
            datatype="FP32" if self.dtype is np.float32 else "FP64",
            shape=alphas.shape,
        )
        answer.raw_output_contents.append(alphas.astype(self.dtype).tobytes())
        return answer


@dataclass
class Rig:
    fake: FakeTriton
    engine: TritonEngine
    server: grpc.aio.Server


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    fake = FakeTriton()
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    engine = TritonEngine(f"127.0.0.1:{port}")
    yield Rig(fake, engine, server)
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
    with pytest.raises(error):
        await rig.engine.infer("toy", BATCH_U8, 5)
    assert rig.fake.calls == attempts


async def test_a_second_attempt_may_succeed(rig: Rig) -> None:
    rig.fake.refusals = [(grpc.StatusCode.UNAVAILABLE, "GOAWAY received")]
    assert (await rig.engine.infer("toy", BATCH_U8, 5)).shape == (2, 2, 3)


async def test_retries_of_a_lasting_failure_stay_within_the_budget(rig: Rig) -> None:
    rig.fake.refusals = [(grpc.StatusCode.UNAVAILABLE, "Socket closed")] * 99
    for _ in range(20):
        with pytest.raises(EngineUnavailableError):
            await rig.engine.infer("toy", BATCH_U8, 5)
    assert rig.fake.calls <= 20 + 4


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
