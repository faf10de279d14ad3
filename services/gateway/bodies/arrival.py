"""Takes in the bytes of a body as they arrive, within limits of size and time."""

import asyncio
from collections.abc import AsyncIterator, Callable

from aiohttp import HttpVersion11, StreamReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.errors import BadRequestError, ImageTooLargeError, RequestTimeoutError
from gateway.settings import UploadSettings

OnArrival = Callable[[int], None]
"""Is told all bytes that have arrived so far, before they are kept. May raise ApiError."""


async def defer_continue(_request: web.Request) -> None:
    """Is every route's answer to ``Expect: 100-continue``: none yet.

    The caller is asked for the body where the body is read, after every check that can refuse it.
    """


async def chunks(
    request: web.Request, limits: UploadSettings, most_bytes: int, on_arrival: OnArrival
) -> AsyncIterator[bytes]:
    """Asks for the body of ``request`` if need be, and yields it.

    Raises:
        ApiError: whatever ``on_arrival`` raises.
        ImageTooLargeError: at the first byte over ``most_bytes``.
        RequestTimeoutError: if it is too slow.
        BadRequestError: if its framing is malformed.
    """
    deadline_s = asyncio.get_running_loop().time() + limits.body_timeout_s
    await _ask_for_body(request)
    total_bytes = 0
    while chunk := await _next_chunk(request.content, deadline_s, limits.read_timeout_s):
        total_bytes += len(chunk)
        if total_bytes > most_bytes:
            raise ImageTooLargeError.in_bytes(limits.image_bytes)
        on_arrival(total_bytes)
        yield chunk


async def _next_chunk(content: StreamReader, deadline_s: float, read_timeout_s: float) -> bytes:
    now_s = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(min(deadline_s, now_s + read_timeout_s)):
            return await content.readany()
    except TimeoutError as error:
        raise RequestTimeoutError from error
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise BadRequestError("The request body is malformed.") from error


async def _ask_for_body(request: web.Request) -> None:
    if hdrs.EXPECT in request.headers and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # What follows is still the first byte of the answer.
        request.writer.output_size = 0
