"""A small real segmenter on a loopback socket, whose behaviour is data."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import (
    SegmenterServiceServicer,
    add_SegmenterServiceServicer_to_server,
)

Context = grpc.aio.ServicerContext[Any, Any]

_MESSAGE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """The call succeeds with this picture, once ``gate`` is open."""

    image: bytes = b"\x89PNG the cut-out"
    width_px: int = 640
    height_px: int = 480
    foreground_found: bool = True
    stages_s: dict[str, float] = field(default_factory=lambda: {"decode": 0.0123, "infer": 0.2})
    output_format: int = v1.OutputFormat.OUTPUT_FORMAT_PNG
    gate: asyncio.Event | None = None

    def to_proto(self) -> v1.RemoveBackgroundResponse:
        timings = v1.StageTimings(
            **{stage: duration(seconds) for stage, seconds in self.stages_s.items()}
        )
        return v1.RemoveBackgroundResponse(
            cut_out=v1.CutOut(
                image=self.image,
                format=self.output_format,  # type: ignore[arg-type]  # odd ones too
                width_px=self.width_px,
                height_px=self.height_px,
                foreground_found=self.foreground_found,
                model="fake",
                timings=timings,
            )
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """The call fails with this status; without a reason it carries no details at all."""

    status: grpc.StatusCode
    reason: str | None = None
    message: str = "The segmenter's own words."
    metadata: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None
    domain: str = "segmenter.mattebox"

    def details(self) -> bytes:
        status = Status(code=self.status.value[0], message=self.message)
        if self.reason is not None:
            info = ErrorInfo(reason=self.reason, domain=self.domain, metadata=self.metadata)
            status.details.append(_packed(info))
        if self.retry_after_s is not None:
            status.details.append(_packed(RetryInfo(retry_delay=duration(self.retry_after_s))))
        return bytes(status.SerializeToString())


@dataclass(frozen=True, slots=True)
class Call:
    """What a call brought."""

    image: bytes
    options: v1.CutOutOptions
    request_id: str
    seconds_left: float


class FakeSegmenter(SegmenterServiceServicer):
    """Behaves as ``behaviour`` says; ``calls`` and the events tell what came."""

    def __init__(self, target: str, servicer: health.HealthServicer) -> None:
        self.target = target
        self.behaviour: Answer | Failure = Answer()
        self.calls: list[Call] = []
        self.called = asyncio.Event()
        self.cancelled = asyncio.Event()
        self._health = servicer

    async def set_ready(self, *, ready: bool) -> None:
        response = health_pb2.HealthCheckResponse
        status = response.SERVING if ready else response.NOT_SERVING
        await self._health.set("readiness", status)

    async def RemoveBackground(  # noqa: N802  the contract's name
        self, request: v1.RemoveBackgroundRequest, context: Context
    ) -> v1.RemoveBackgroundResponse:
        metadata = dict(context.invocation_metadata() or ())
        self.calls.append(
            Call(
                image=request.image,
                options=request.options,
                request_id=str(metadata["x-request-id"]),
                seconds_left=context.time_remaining() or 0.0,
            )
        )
        self.called.set()
        try:
            return await self._behave(context)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    # The gateway calls neither of these.

    def StreamRemoveBackground(  # noqa: N802
        self, _requests: object, _context: object
    ) -> AsyncIterator[v1.StreamRemoveBackgroundResponse]:
        raise NotImplementedError

    def ListModels(  # noqa: N802
        self, _request: object, _context: object
    ) -> Awaitable[v1.ListModelsResponse]:
        raise NotImplementedError

    async def _behave(self, context: Context) -> v1.RemoveBackgroundResponse:
        match self.behaviour:
            case Answer() as answer:
                if answer.gate is not None:
                    await answer.gate.wait()
                return answer.to_proto()
            case Failure() as failure:
                trailers = (("grpc-status-details-bin", failure.details()),)
                await context.abort(failure.status, failure.message, trailers)
        raise AssertionError("abort does not return")


@contextlib.asynccontextmanager
async def fake_segmenter() -> AsyncIterator[FakeSegmenter]:
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            ("grpc.http2.min_ping_interval_without_data_ms", 15_000),
        ]
    )
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    fake = FakeSegmenter(f"127.0.0.1:{port}", servicer)
    add_SegmenterServiceServicer_to_server(fake, server)
    await fake.set_ready(ready=True)
    await server.start()
    try:
        yield fake
    finally:
        await server.stop(grace=None)


def duration(seconds: float) -> Duration:
    message = Duration()
    message.FromTimedelta(timedelta(seconds=seconds))
    return message


def _packed(detail: ErrorInfo | RetryInfo) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed
