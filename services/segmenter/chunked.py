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


async def read_image(pieces: Pieces, image_bytes: int) -> bytes:
    """Reads the chunks of the image that its head announced, to the end of the stream.

    Raises:
        MalformedStreamError: it has more bytes or fewer, or what comes is no chunk.
    """
    content = io.BytesIO()
    async for piece in pieces:
        if not piece.chunk:
            raise MalformedStreamError("After its head the stream may hold chunks of bytes only.")
        if content.tell() + len(piece.chunk) > image_bytes:
            raise MalformedStreamError(f"The chunks hold more than the {image_bytes} bytes told.")
        content.write(piece.chunk)
    if content.tell() < image_bytes:
        # grpc lets a cancelled stream end like one that was closed, and cancels a moment later.
        await asyncio.sleep(_CANCELLATION_S)
        raise MalformedStreamError(
            f"The chunks hold {content.tell()} bytes, of {image_bytes} that the head tells."
        )
    # Unlike joining a list of chunks, this copies nothing.
    return content.getvalue()


def go_ahead() -> v1.RemoveBackgroundChunkedResponse:
    """Makes the message that asks for the image."""
    return v1.RemoveBackgroundChunkedResponse(go_ahead=v1.GoAhead())


def chunks(image: bytes) -> Iterator[v1.RemoveBackgroundChunkedResponse]:
    """Makes the messages that bring an encoded picture."""
    for start in range(0, len(image), CHUNK_BYTES):
        yield v1.RemoveBackgroundChunkedResponse(chunk=image[start : start + CHUNK_BYTES])
