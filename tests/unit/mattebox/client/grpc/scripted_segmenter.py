"""A segmenter on a real socket that answers as a test has written, and notes what it is asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from mattebox.segmenter import v1
from mattebox.segmenter.v1 import segmenter_pb2_grpc
from tests.unit.mattebox.client.grpc.status_details import packed

Context = grpc.aio.ServicerContext[Any, Any]
Answer = Callable[[Context], Awaitable[v1.CutOut]]
_NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@dataclass
class ScriptedSegmenter(segmenter_pb2_grpc.SegmenterServiceServicer):
    """Gives each call the next of its answers, and the last one for ever.

    On a stream, an image is its own cut-out, ``"bad"`` an error, ``"end"`` fails the call, and
    ``"enough"`` ends it as if it were done.
    """

    answers: list[Answer] = field(default_factory=list)
    asked: list[v1.RemoveBackgroundRequest] = field(default_factory=list)
    items: list[v1.StreamRemoveBackgroundRequest] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    timeouts_s: list[float | None] = field(default_factory=list)
    left: int = 0
    target: str = ""

    async def RemoveBackground(  # noqa: N802  the contract's name
        self, request: v1.RemoveBackgroundRequest, context: Context
    ) -> v1.RemoveBackgroundResponse:
        self._note(context)
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return v1.RemoveBackgroundResponse(cut_out=await answer(context))

    async def StreamRemoveBackground(  # noqa: N802  the contract's name
        self, requests: AsyncIterator[v1.StreamRemoveBackgroundRequest], context: Context
    ) -> AsyncIterator[v1.StreamRemoveBackgroundResponse]:
        self._note(context)
        try:
            async for item in requests:
                self.items.append(item)
                if item.image == b"enough":
                    return
                yield await self._answered(item, context)
        finally:
            self.left += 1

    async def _answered(
        self, item: v1.StreamRemoveBackgroundRequest, context: Context
    ) -> v1.StreamRemoveBackgroundResponse:
        if item.image == b"end":
            await refuse(context, grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE")
        if item.image == b"bad":
            return v1.StreamRemoveBackgroundResponse(
                item_id=item.item_id, error=error("INVALID_IMAGE", code=3)
            )
        return v1.StreamRemoveBackgroundResponse(
            item_id=item.item_id, cut_out=v1.CutOut(image=item.image, width_px=1, height_px=1)
        )

    def RemoveBackgroundChunked(self, *_: Any) -> NoReturn:  # noqa: N802
        raise NotImplementedError

    def CheckAdmission(self, *_: Any) -> NoReturn:  # noqa: N802
        raise NotImplementedError

    def ListModels(self, *_: Any) -> NoReturn:  # noqa: N802
        raise NotImplementedError

    def _note(self, context: Context) -> None:
        metadata = dict(context.invocation_metadata() or {})
        self.request_ids.append(str(metadata["x-request-id"]))
        self.timeouts_s.append(context.time_remaining())


def error(reason: str, code: int, retry_after_s: int | None = None) -> Status:
    """A status with a reason of the contract."""
    details: list[ErrorInfo | RetryInfo] = [ErrorInfo(reason=reason, domain="segmenter.mattebox")]
    if retry_after_s is not None:
        details.append(RetryInfo(retry_delay=Duration(seconds=retry_after_s)))
    return Status(code=code, message="why", details=packed(*details))


async def refuse(
    context: Context, code: grpc.StatusCode, reason: str, retry_after_s: int | None = None
) -> NoReturn:
    """Ends a call with a reason of the contract."""
    status = error(reason, code.value[0], retry_after_s)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    await context.abort(code, "why")


def picture(image: bytes = b"picture") -> Answer:
    """A finished picture."""

    async def answer(_: Context) -> v1.CutOut:
        return v1.CutOut(
            image=image,
            format=v1.OutputFormat.OUTPUT_FORMAT_PNG,
            width_px=3,
            height_px=2,
            foreground_found=True,
            timings=v1.StageTimings(total=Duration(nanos=1_500_000)),
        )

    return answer


def refusal(code: grpc.StatusCode, reason: str, retry_after_s: int | None = None) -> Answer:
    """A call that ends with a reason of the contract."""

    async def answer(context: Context) -> v1.CutOut:
        await refuse(context, code, reason, retry_after_s)

    return answer


def bare(code: grpc.StatusCode) -> Answer:
    """A call that ends without a reason of the contract."""

    async def answer(context: Context) -> v1.CutOut:
        await context.abort(code, "why")

    return answer


@asynccontextmanager
async def scripted_segmenter(
    *answers: Answer, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[ScriptedSegmenter]:
    """Serves until the context ends."""
    segmenter = ScriptedSegmenter(list(answers))
    server = grpc.aio.server(options=_NO_LIMIT)
    segmenter_pb2_grpc.add_SegmenterServiceServicer_to_server(segmenter, server)
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    segmenter.target = f"127.0.0.1:{port}"
    try:
        yield segmenter
    finally:
        await server.stop(None)
