"""The only way to the segmenters: one channel, plain values in and out."""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import grpc
from structlog.typing import FilteringBoundLogger

from gateway.asking import Asking
from gateway.cut_out import CutOut, Origin
from gateway.errors import DeadlineError, OverloadedError
from gateway.options.cut_out import CutOutOptions
from gateway.segmenter_call import SegmenterCall, cut
from gateway.segmenter_channel import SegmenterChannel
from gateway.segmenter_converters import cut_out_from_proto, head_to_proto
from gateway.segmenter_errors import api_error_from_rpc, told_of_segmenter
from gateway.segmenter_spans import question, work
from gateway.settings import SegmenterSettings
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from telemetry import request_id
from telemetry.caller import METADATA_KEY as CALLER_KEY

_QUESTION_S = 1.0
"""Seconds after which a segmenter that does not say whether it would take an image is let be."""


class SegmenterClient:
    """Calls the segmenters. Make it inside a running event loop, and close it there.

    ``on_stages`` is told the seconds of each stage of each finished picture; ``on_refusal`` whose
    picture was refused for want of room, and after how many seconds to try again.

    Raises:
        CertificateError: the files of TLS cannot be used.
    """

    def __init__(
        self,
        settings: SegmenterSettings,
        on_stages: Callable[[Mapping[str, float]], None],
        on_refusal: Callable[[str, float], None],
        log: FilteringBoundLogger,
    ) -> None:
        self._on_stages = on_stages
        self._on_refusal = on_refusal
        self._timeout_s = settings.timeout_s
        self._asking = Asking(settings.accept_timeout_s)
        self._channel = SegmenterChannel(settings, log)

    def serving(self) -> bool:
        """See `SegmenterChannel.serving`."""
        return self._channel.serving()

    async def remove_background(
        self,
        image: bytes,
        options: CutOutOptions,
        origin: Origin,
        on_sent: Callable[[], None],
        background: bytes = b"",
    ) -> CutOut:
        """Cuts the subject out of ``image``, and puts it before ``background`` if there is one.

        Cancelling this call cancels the work. ``on_sent`` is called when both pictures have left
        this process.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        head = head_to_proto(len(image), options, self._timeout_s, len(background))
        chunks = cut(image, background)
        # The caller has handed the pictures over: with this the chunks alone hold them.
        del image, background
        with work():
            cut_out = await self._cut_out(chunks, head, origin, on_sent)
        self._on_stages(cut_out.stages_s)
        return cut_out

    async def _cut_out(
        self,
        chunks: Iterator[bytes],
        head: v1.ImageHead,
        origin: Origin,
        on_sent: Callable[[], None],
    ) -> CutOut:
        call: SegmenterCall | None = None
        try:
            async with asyncio.timeout(self._timeout_s):
                call = await self._asking.accepted(lambda: self._new_call(origin), head)
                await call.send(chunks)
                on_sent()
                answer = await call.answer()
            return cut_out_from_proto(answer, call, self._timeout_s)
        except TimeoutError as error:
            _close(call)
            raise told_of_segmenter(DeadlineError(), "the cut-out was not there in time") from error
        except BaseException as error:
            _close(call)
            if isinstance(error, OverloadedError):
                self._on_refusal(origin.caller, error.retry_after_s)
            raise

    def unreachable(self) -> bool:
        """See `SegmenterChannel.unreachable`."""
        return self._channel.unreachable()

    async def retry_after_s(self, caller: str) -> float | None:
        """Asks whether an image of ``caller`` would be taken on; else tells when to ask again.

        Whatever else is wrong shows when the image is sent.
        """
        stub = SegmenterServiceStub(self._channel.current())
        try:
            with question("CheckAdmission") as span:
                metadata = ((CALLER_KEY, caller), *span.headers().items())
                await stub.CheckAdmission(
                    v1.CheckAdmissionRequest(), metadata=metadata, timeout=_QUESTION_S
                )
        except grpc.aio.AioRpcError as failure:
            error = api_error_from_rpc(failure)
            return error.retry_after_s if isinstance(error, OverloadedError) else None
        return None

    def _new_call(self, origin: Origin) -> SegmenterCall:
        # By the channel of this moment: that of the question before may have been replaced.
        stub = SegmenterServiceStub(self._channel.current())
        return SegmenterCall(stub.RemoveBackgroundChunked, _metadata(origin))

    async def close(self) -> None:
        """Closes the channel; calls still running on it are cancelled."""
        await self._channel.close()


def _close(call: SegmenterCall | None) -> None:
    if call is not None:
        call.close()


def _metadata(origin: Origin) -> tuple[tuple[str, str], ...]:
    return ((request_id.METADATA_KEY, origin.request_id), (CALLER_KEY, origin.caller))
