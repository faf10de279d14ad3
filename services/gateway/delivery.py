"""Brings answers to clients, and gives up on those that stopped reading."""

import asyncio
from collections.abc import Iterator, Mapping

from aiohttp import web

PIECE_BYTES = 256 * 1024


class BytesResponse(web.StreamResponse):
    """An answer of many bytes, sent by pieces so that the socket's own buffer stays small.

    Its content may come in several parts, which are never joined in memory.
    """

    def __init__(self, *content: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        self.content_type = content_type
        self.content_length = sum(map(len, content))
        self._content = [memoryview(part) for part in content]

    def pieces(self) -> Iterator[memoryview]:
        """The content, by pieces."""
        for part in self._content:
            for start in range(0, len(part), PIECE_BYTES):
                yield part[start : start + PIECE_BYTES]


async def deliver(
    request: web.Request, response: web.StreamResponse, stall_timeout_s: float
) -> None:
    """Sends ``response``, and returns when the client's system has taken it.

    Raises:
        ConnectionError: if the client is gone, or takes longer than that for a piece.
    """
    try:
        async with asyncio.timeout(stall_timeout_s):
            await response.prepare(request)
        if isinstance(response, BytesResponse):
            for piece in response.pieces():
                async with asyncio.timeout(stall_timeout_s):
                    await response.write(piece)
        async with asyncio.timeout(stall_timeout_s):
            await response.write_eof()
    except TimeoutError as error:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionAbortedError("the client stopped reading its answer") from error
