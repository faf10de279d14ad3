"""The client of a segmenter for programs with an event loop of asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from types import TracebackType
from typing import Self, Unpack

import grpc

from mattebox.client.cut_out import CutOut
from mattebox.client.errors import ApiError, MatteboxError
from mattebox.client.grpc.channel import CHANNEL_OPTIONS, call_metadata, new_request_id
from mattebox.client.grpc.failures import error_from_rpc, error_from_stream
from mattebox.client.grpc.items import Items
from mattebox.client.grpc.messages import cut_out_from_proto, options_to_proto
from mattebox.client.options import Options, OptionValues, chosen
from mattebox.client.retries import DEFAULT_RETRIES, Attempts, Retries
from mattebox.client.sources import ImageSource, read_image_on_a_thread
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub


class AsyncSegmenter:
    """A client of a segmenter, without keys and without a gateway between. Tasks may share one.

    Make it inside a running event loop; close it, or use it with ``async with``.

    Args:
        target: where the segmenter listens, as gRPC names it: ``host:port``, ``dns:///host:port``.
        credentials: what makes the connection a TLS one, out of ``grpc.ssl_channel_credentials``.
        timeout_s: seconds that one attempt of `remove` may last.
        retries: when a failed attempt of `remove` is made again, and after how long.
        sleep: what pauses between attempts.
    """

    def __init__(
        self,
        target: str = "127.0.0.1:50051",
        *,
        credentials: grpc.ChannelCredentials | None = None,
        timeout_s: float = 60.0,
        retries: Retries = DEFAULT_RETRIES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._target = target
        self._timeout_s = timeout_s
        self._retries = retries
        self._sleep = sleep
        self._channel = (
            grpc.aio.insecure_channel(target, CHANNEL_OPTIONS)
            if credentials is None
            else grpc.aio.secure_channel(target, credentials, CHANNEL_OPTIONS)
        )
        self._stub = SegmenterServiceStub(self._channel)

    async def remove(
        self, image: ImageSource, options: Options | None = None, **values: Unpack[OptionValues]
    ) -> CutOut:
        """Cuts the subject out of ``image``: ``remove(Path("cup.jpg"), format="webp")``.

        ``values`` are options by name; they win over those in ``options``.

        Raises:
            ApiError: the segmenter refused it, or failed; the classes are those of HTTP.
            ConnectionFailedError: the segmenter cannot be reached.
            TimedOutError: it did not answer in time.
            OSError: the image cannot be read.
        """
        request = v1.RemoveBackgroundRequest(
            image=await read_image_on_a_thread(image),
            options=options_to_proto(chosen(options, values)),
        )
        attempts = Attempts(self._retries)
        while True:
            try:
                return await self._removed(request)
            except MatteboxError as error:
                pause_s = attempts.pause_s(error)
            await self._sleep(pause_s)

    async def remove_many(
        self,
        images: AsyncIterable[tuple[str, bytes]],
        options: Options | None = None,
        **values: Unpack[OptionValues],
    ) -> AsyncGenerator[tuple[str, CutOut | ApiError], None]:
        """Cuts the subjects out of many images, each of which has a name.

        Answers come as they finish, in any order; a bad image is an error of its own. ``images`` is
        iterated no further than the segmenter takes images at a time. Each has the segmenter's own
        time (30 s by default), and nothing is tried again. Every ten minutes another stream takes
        over, since none may last for ever.

        Raises:
            MatteboxError: the stream broke; what had no answer yet gets none.
            Exception: whatever ``images`` raised, once all before it is answered.
        """
        request_id = new_request_id()
        items = Items(options_to_proto(chosen(options, values)), request_id)
        failures: list[Exception] = []
        left = aiter(images)

        async def requests() -> AsyncGenerator[v1.StreamRemoveBackgroundRequest, None]:
            try:
                async for name, image in left:
                    yield items.request(name, image)
                    if items.stream_is_over():
                        return
                items.finish()
            except Exception as error:  # noqa: BLE001  it is raised below
                # Raised here, all that gRPC would tell is that the call was cancelled.
                failures.append(error)
                items.finish()

        while not items.is_done:
            items.begin_stream()
            call = self._stub.StreamRemoveBackground(requests(), metadata=call_metadata(request_id))
            try:
                async for answer in call:
                    yield items.outcome(answer)
            except grpc.aio.AioRpcError as failure:
                raise error_from_stream(failure, request_id) from failure
            finally:
                call.cancel()
            items.expect_answered()
        if failures:
            raise failures[0]

    async def aclose(self) -> None:
        """Closes the connection; calls still running on it fail."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._target!r})"

    async def _removed(self, request: v1.RemoveBackgroundRequest) -> CutOut:
        request_id = new_request_id()
        try:
            response = await self._stub.RemoveBackground(
                request, timeout=self._timeout_s, metadata=call_metadata(request_id)
            )
        except grpc.aio.AioRpcError as failure:
            raise error_from_rpc(failure, request_id) from failure
        return cut_out_from_proto(response.cut_out, request_id)
