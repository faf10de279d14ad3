"""One image that travels in chunks: its messages, in the order that the contract asks for."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator

from mattebox.segmenter import v1
from segmenter.errors import MalformedStreamError

CHUNK_BYTES = 256 * 1024

_CANCELLATION_S = 0.1

Pieces = AsyncIterator[v1.RemoveBackgroundChunkedRequest]


async def read_head(pieces: Pieces) -> v1.ImageHead:
    """Reads what has to come first.

    Raises:
        MalformedStreamError: something else comes, or nothing.
    """
    piece = await anext(pieces, None)
    if piece is None or piece.WhichOneof("piece") != "head":
        raise MalformedStreamError("The stream does not begin with a head. Send one first.")
    return piece.head


async def read_pictures(pieces: Pieces, head: v1.ImageHead) -> tuple[bytes, bytes]:
    """Reads the chunks that a head announced, to the end of the stream: image and background.

    Raises:
        MalformedStreamError: they have more bytes or fewer, or what comes is no chunk.
    """
    image, background = io.BytesIO(), io.BytesIO()
    told_bytes, come_bytes = head.image_bytes + head.background_bytes, 0
    async for piece in pieces:
        if not piece.chunk:
            raise MalformedStreamError("After its head the stream may hold chunks of bytes only.")
        come_bytes += len(piece.chunk)
        if come_bytes > told_bytes:
            raise MalformedStreamError(f"The chunks hold more than the {told_bytes} bytes told.")
        chunk = memoryview(piece.chunk)
        of_image = head.image_bytes - image.tell()
        image.write(chunk[:of_image])
        background.write(chunk[of_image:])
    if come_bytes < told_bytes:
        # grpc lets a cancelled stream end like one that was closed, and cancels a moment later.
        await asyncio.sleep(_CANCELLATION_S)
        raise MalformedStreamError(
            f"The chunks hold {come_bytes} bytes, of {told_bytes} that the head tells."
        )
    # Unlike joining lists of chunks, this copies nothing.
    return image.getvalue(), background.getvalue()


def go_ahead() -> v1.RemoveBackgroundChunkedResponse:
    """Makes the message that asks for the image."""
    return v1.RemoveBackgroundChunkedResponse(go_ahead=v1.GoAhead())


def chunks(image: bytes) -> Iterator[v1.RemoveBackgroundChunkedResponse]:
    """Makes the messages that bring an encoded picture."""
    for start in range(0, len(image), CHUNK_BYTES):
        yield v1.RemoveBackgroundChunkedResponse(chunk=image[start : start + CHUNK_BYTES])
