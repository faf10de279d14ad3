"""Brings answers to clients, and gives up on those that stopped reading."""

import asyncio
import binascii
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, nullcontext

from aiohttp import web

from gateway.errors import ApiError
from gateway.request_state import Stage, measured
from telemetry.tracing import step


class PiecesResponse(web.StreamResponse):
    """An answer of many bytes, sent by ``pieces`` as they come; it never has them all.

    Together they are ``size_bytes`` bytes. Where they cannot go on they raise ApiError.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        *,
        size_bytes: int,
        content_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(headers=headers)
        self.content_type = content_type
        self.content_length = size_bytes
        self.pieces = pieces


class BrokenAnswerError(ConnectionError):
    """An answer broke off, of which a part has been sent; ``cause`` is what it broke off for."""

    def __init__(self, cause: ApiError) -> None:
        super().__init__("the answer broke off")
        self.cause = cause


def base64_bytes(data_bytes: int) -> int:
    """The length of the base64 text of so many bytes."""
    return -(-data_bytes // 3) * 4


async def base64_pieces(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The base64 text of what ``chunks`` make up, by pieces, of which the last may have padding."""
    rest = b""
    async with aclosing(chunks):
        async for chunk in chunks:
            data = rest + chunk
            whole_bytes = len(data) // 3 * 3
            rest = data[whole_bytes:]
            yield binascii.b2a_base64(data[:whole_bytes], newline=False)
    if rest:
        yield binascii.b2a_base64(rest, newline=False)


async def deliver(
    request: web.Request, response: web.StreamResponse, stall_timeout_s: float
) -> None:
    """Sends ``response``, and returns when the client's system has taken it.

    Of a picture it notes how long that takes.

    Raises:
        BrokenAnswerError: if it breaks off. The connection is aborted, so that what has come of it
            cannot be taken for the whole.
        ConnectionError: if the client is gone, or takes longer than that for a piece.
    """
    is_picture = isinstance(response, PiecesResponse)
    try:
        timed = measured(request, Stage.DELIVERY) if is_picture else nullcontext()
        with timed, step("delivery"):
            await _send(request, response, stall_timeout_s)
    except TimeoutError as error:
        _abort(request)
        raise ConnectionAbortedError("the client stopped reading its answer") from error
    except ApiError as error:
        _abort(request)
        raise BrokenAnswerError(error) from error


async def _send(request: web.Request, response: web.StreamResponse, stall_timeout_s: float) -> None:
    async with asyncio.timeout(stall_timeout_s):
        await response.prepare(request)
    if isinstance(response, PiecesResponse):
        async with aclosing(response.pieces) as pieces:
            async for piece in pieces:
                async with asyncio.timeout(stall_timeout_s):
                    await response.write(piece)
    async with asyncio.timeout(stall_timeout_s):
        await response.write_eof()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
