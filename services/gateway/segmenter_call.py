"""One cut-out on its way through the segmenter, chunk by chunk. Never holds an answer whole."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeAlias

import grpc

from gateway.errors import DeadlineError, InternalError
from gateway.segmenter_errors import (
    api_error_from_rpc,
    api_error_from_write,
    told_of_segmenter,
)
from gateway.segmenter_spans import begun
from mattebox.segmenter import v1
from telemetry.tracing import CANCELLED, OK, end_call

CHUNK_BYTES = 256 * 1024

Method: TypeAlias = (
    "grpc.aio.StreamStreamMultiCallable["
    "v1.RemoveBackgroundChunkedRequest, v1.RemoveBackgroundChunkedResponse]"
)


class SegmenterCall:
    """A call of RemoveBackgroundChunked, its steps in the order of its methods.

    It has no deadline of gRPC's, which would also bound how long a client may take to read its
    answer; whoever makes it bounds its steps, and closes it in the end. Its span ends when it does.
    """

    def __init__(self, method: Method, metadata: tuple[tuple[str, str], ...]) -> None:
        self._span = begun("RemoveBackgroundChunked")
        self._call = method(metadata=(*metadata, *self._span.headers().items()))

    def close(self) -> None:
        """Ends the call, and the work on it, unless it has ended."""
        self._call.cancel()
        end_call(self._span, CANCELLED)

    async def ask(self, head: v1.ImageHead) -> None:
        """Tells of the image, and waits until the segmenter asks for it; no work has begun then.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        await self._write(v1.RemoveBackgroundChunkedRequest(head=head))
        await self._expect("go_ahead")

    async def send(self, chunks: Iterator[bytes]) -> None:
        """Sends what was asked for.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        for chunk in chunks:
            await self._write(v1.RemoveBackgroundChunkedRequest(chunk=chunk))
        await self._call.done_writing()

    async def answer(self) -> v1.CutOutHead:
        """Waits for the cut-out.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        return (await self._expect("head")).head

    async def chunks(self, image_bytes: int, timeout_s: float) -> AsyncGenerator[bytes, None]:
        """Gives the chunks of the answer, each of which may take ``timeout_s`` to come.

        The last one is given when the call has ended well: who gets all of them has it all.

        Raises:
            ApiError: they broke off, or are not ``image_bytes`` bytes.
        """
        left_bytes = image_bytes
        chunk = await self._next_chunk(timeout_s)
        while chunk:
            left_bytes -= len(chunk)
            following = await self._next_chunk(timeout_s)
            if left_bytes < 0 or not following:
                break
            yield chunk
            chunk = following
        if left_bytes != 0:
            raise told_of_segmenter(InternalError(), "the answer is not of the size it told")
        if chunk:
            yield chunk

    async def _next_chunk(self, timeout_s: float) -> bytes:
        """Returns the next chunk; no bytes, once the call has ended well."""
        try:
            async with asyncio.timeout(timeout_s):
                piece = await self._read()
        except TimeoutError as error:
            raise told_of_segmenter(DeadlineError(), "the answer stopped coming") from error
        return b"" if piece is None else piece.chunk

    async def _expect(self, kind: str) -> v1.RemoveBackgroundChunkedResponse:
        piece = await self._read()
        if piece is None or piece.WhichOneof("piece") != kind:
            raise told_of_segmenter(InternalError(), f"the answer has no {kind} in its place")
        return piece

    async def _read(self) -> v1.RemoveBackgroundChunkedResponse | None:
        try:
            piece = await self._call.read()
        except grpc.aio.AioRpcError as failure:
            end_call(self._span, failure.code().name)
            raise api_error_from_rpc(failure) from failure
        if isinstance(piece, v1.RemoveBackgroundChunkedResponse):
            return piece
        end_call(self._span, OK)
        return None

    async def _write(self, piece: v1.RemoveBackgroundChunkedRequest) -> None:
        try:
            await self._call.write(piece)
        except grpc.aio.AioRpcError as failure:
            end_call(self._span, failure.code().name)
            raise api_error_from_write(failure) from failure
        except asyncio.InvalidStateError:
            # The call has ended, and its status is there.
            await self._read()
            raise told_of_segmenter(InternalError(), "the image was not read to its end") from None


def cut(*pictures: bytes) -> Iterator[bytes]:
    """Cuts ``pictures`` into chunks, and holds all until the last one has been taken."""
    for picture in pictures:
        for start in range(0, len(picture), CHUNK_BYTES):
            yield picture[start : start + CHUNK_BYTES]
