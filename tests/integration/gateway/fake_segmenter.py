"""A small real segmenter on a loopback socket, whose behaviour is data."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Never

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

Server = grpc.aio.Server
Context = grpc.aio.ServicerContext[Any, Any]

Request = v1.RemoveBackgroundChunkedRequest
Response = v1.RemoveBackgroundChunkedResponse

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """The call fails with this status; without a reason it carries no details at all.

    ``early`` failures come before the image is asked for.
    """

    status: grpc.StatusCode
    reason: str | None = None
    message: str = "The segmenter's own words."
    metadata: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None
    domain: str = "segmenter.mattebox"
    early: bool = False

    def details(self) -> bytes:
        status = Status(code=self.status.value[0], message=self.message)
        if self.reason is not None:
            info = ErrorInfo(reason=self.reason, domain=self.domain, metadata=self.metadata)
            status.details.append(_packed(info))
        if self.retry_after_s is not None:
            status.details.append(_packed(RetryInfo(retry_delay=duration(self.retry_after_s))))
        return bytes(status.SerializeToString())


@dataclass(frozen=True, slots=True)
class Answer:
    """The call succeeds with this picture, once ``gate`` is open.

    The image is asked for once ``asking`` is open, and read once ``reading`` is.
    ``told_bytes`` is what its head says of its size, if that is not true. It goes on with ``end``
    after its chunks, if that is set.
    """

    image: bytes = b"\x89PNG the cut-out"
    width_px: int = 640
    height_px: int = 480
    foreground_found: bool = True
    input_width_px: int = 640
    input_height_px: int = 480
    subject: v1.Box | None = None
    uncertainty: float = 0.0
    is_input: bool = False
    stages_s: dict[str, float] = field(default_factory=lambda: {"decode": 0.0123, "infer": 0.2})
    output_format: int = v1.OutputFormat.OUTPUT_FORMAT_PNG
    gate: asyncio.Event | None = None
    asking: asyncio.Event | None = None
    reading: asyncio.Event | None = None
    told_bytes: int | None = None
    end: "Failure | asyncio.Event | None" = None

    def pieces(self) -> Iterator[Response]:
        yield Response(head=self.head())
        for start in range(0, len(self.image), _CHUNK_BYTES):
            yield Response(chunk=self.image[start : start + _CHUNK_BYTES])

    def head(self) -> v1.CutOutHead:
        timings = v1.StageTimings(
            **{stage: duration(seconds) for stage, seconds in self.stages_s.items()}
        )
        return v1.CutOutHead(
            image_bytes=len(self.image) if self.told_bytes is None else self.told_bytes,
            cut_out=v1.CutOut(
                format=self.output_format,  # type: ignore[arg-type]  # odd ones too
                width_px=self.width_px,
                height_px=self.height_px,
                foreground_found=self.foreground_found,
                model="fake",
                timings=timings,
                input_width_px=self.input_width_px,
                input_height_px=self.input_height_px,
                subject=self.subject,
                uncertainty=self.uncertainty,
                is_input=self.is_input,
            ),
        )


@dataclass(frozen=True, slots=True)
class Call:
    """What a call brought. ``chunks`` are the sizes of those in which its pictures came.

    ``peer`` differs between connections.
    """

    image: bytes
    chunks: tuple[int, ...]
    options: v1.CutOutOptions
    request_id: str
    caller: str
    seconds_left: float
    peer: str
    background: bytes = b""


class FakeSegmenter(SegmenterServiceServicer):
    """Behaves as ``behaviour`` says; ``calls`` and the events tell what came."""

    def __init__(self, target: str, servicer: health.HealthServicer, server: Server) -> None:
        self.target = target
        self._server = server
        self.behaviour: Answer | Failure = Answer()
        self.calls: list[Call] = []
        self.announced_bytes: list[int] = []
        self.answered_bytes = 0
        self.questions: list[str] = []
        self.traceparents: list[str | None] = []
        """What each call and question said of its trace."""
        self.called = asyncio.Event()
        self.cancelled = asyncio.Event()
        self._health = servicer

    async def die(self) -> None:
        await self._server.stop(grace=None)

    async def set_ready(self, *, ready: bool) -> None:
        response = health_pb2.HealthCheckResponse
        status = response.SERVING if ready else response.NOT_SERVING
        await self._health.set("readiness", status)

    def has_been_asked(self, times: int) -> bool:
        return len(self.announced_bytes) >= times

    async def RemoveBackgroundChunked(  # noqa: N802  the contract's name
        self, requests: AsyncIterator[Request], context: Context
    ) -> AsyncGenerator[Response, None]:
        pieces = aiter(requests)
        self.traceparents.append(_traceparent(context))
        head = (await anext(pieces)).head
        self.announced_bytes.append(head.image_bytes)
        try:
            behaviour = self.behaviour
            if isinstance(behaviour, Failure) and behaviour.early:
                await _fail(context, behaviour)
            if isinstance(behaviour, Answer) and behaviour.asking is not None:
                await behaviour.asking.wait()
            yield Response(go_ahead=v1.GoAhead())
            if isinstance(behaviour, Answer) and behaviour.reading is not None:
                await behaviour.reading.wait()
            chunks = [piece.chunk async for piece in pieces]
            self._note(head, chunks, context)
            del chunks
            if isinstance(behaviour, Failure):
                await _fail(context, behaviour)
            elif behaviour.gate is not None:
                await behaviour.gate.wait()
            async with contextlib.aclosing(self._answer(behaviour, context)) as answers:
                async for answer in answers:
                    yield answer
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.set()
            raise

    async def CheckAdmission(  # noqa: N802
        self, _request: v1.CheckAdmissionRequest, context: Context
    ) -> v1.CheckAdmissionResponse:
        self.traceparents.append(_traceparent(context))
        self.questions.append(_caller(context))
        if isinstance(self.behaviour, Failure):
            await _fail(context, self.behaviour)
        return v1.CheckAdmissionResponse()

    # The gateway calls none of these.

    def RemoveBackground(  # noqa: N802
        self, _request: object, _context: object
    ) -> Awaitable[v1.RemoveBackgroundResponse]:
        raise NotImplementedError

    def StreamRemoveBackground(  # noqa: N802
        self, _requests: object, _context: object
    ) -> AsyncIterator[v1.StreamRemoveBackgroundResponse]:
        raise NotImplementedError

    def ListModels(  # noqa: N802
        self, _request: object, _context: object
    ) -> Awaitable[v1.ListModelsResponse]:
        raise NotImplementedError

    def _note(self, head: v1.ImageHead, chunks: list[bytes], context: Context) -> None:
        metadata = dict(context.invocation_metadata() or ())
        pictures = b"".join(chunks)
        image, background = pictures[: head.image_bytes], pictures[head.image_bytes :]
        assert (len(image), len(background)) == (head.image_bytes, head.background_bytes)
        self.calls.append(
            Call(
                image=image,
                chunks=tuple(map(len, chunks)),
                options=head.options,
                request_id=str(metadata["x-request-id"]),
                caller=_caller(context),
                seconds_left=head.timeout.ToTimedelta().total_seconds(),
                peer=context.peer(),
                background=background,
            )
        )
        self.called.set()

    async def _answer(self, answer: Answer, context: Context) -> AsyncGenerator[Response, None]:
        for piece in answer.pieces():
            yield piece
            self.answered_bytes += len(piece.chunk)
        if isinstance(answer.end, Failure):
            await _fail(context, answer.end)
        elif answer.end is not None:
            await answer.end.wait()


def _caller(context: Context) -> str:
    return str(dict(context.invocation_metadata() or ())["x-mattebox-caller"])


def _traceparent(context: Context) -> str | None:
    told = dict(context.invocation_metadata() or ()).get("traceparent")
    return told if isinstance(told, str) else None


async def _fail(context: Context, failure: Failure) -> Never:
    trailers = (("grpc-status-details-bin", failure.details()),)
    await context.abort(failure.status, failure.message, trailers)


@contextlib.asynccontextmanager
async def fake_segmenter(
    credentials: grpc.ServerCredentials | None = None,
) -> AsyncIterator[FakeSegmenter]:
    server = grpc.aio.server(
        options=[
            ("grpc.http2.min_ping_interval_without_data_ms", 2_500),
        ]
    )
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    address = "127.0.0.1:0"
    port = (
        server.add_insecure_port(address)
        if credentials is None
        else server.add_secure_port(address, credentials)
    )
    fake = FakeSegmenter(f"127.0.0.1:{port}", servicer, server)
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
