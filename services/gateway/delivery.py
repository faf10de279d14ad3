"""Brings answers to clients, and gives up on those that stopped reading."""

import asyncio
import binascii
from collections.abc import Iterator, Mapping

from aiohttp import web

PIECE_BYTES = 256 * 1024


class Base64Text:
    """The base64 of ``data``, made by pieces while it is sent: the whole of it is never held."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return -(-len(self._data) // 3) * 4

    def pieces(self) -> Iterator[bytes]:
        """The text, by pieces of whole groups, so that only the last can have padding."""
        for piece in _cut(self._data, PIECE_BYTES // 4 * 3):
            yield binascii.b2a_base64(piece, newline=False)


class BytesResponse(web.StreamResponse):
    """An answer of many bytes, sent by pieces so that the socket's own buffer stays small.

    Its content may come in several parts, which are never joined in memory.
    """

    def __init__(
        self, *content: bytes | Base64Text, content_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(headers=headers)
        self.content_type = content_type
        self.content_length = sum(map(len, content))
        self._content = content

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The content, by pieces."""
        for part in self._content:
            yield from part.pieces() if isinstance(part, Base64Text) else _cut(part, PIECE_BYTES)


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


def _cut(data: bytes, piece_bytes: int) -> Iterator[memoryview]:
    view = memoryview(data)
    for start in range(0, len(view), piece_bytes):
        yield view[start : start + piece_bytes]
