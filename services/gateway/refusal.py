"""Says no to connections for which there is no room: one answer, then the end. Reads nothing."""

import asyncio
from collections.abc import Callable
from typing import cast

from aiohttp import hdrs, web

LINGERING_S = 1.0
"""Seconds for which a refused client may read: closing at once loses what it has not read yet."""

MOST_LINGERING = 256
"""Refused clients at a time; more are disconnected without a word, for each takes a descriptor."""


class Refusals:
    """Refuses connections with the answers that ``answer`` makes."""

    def __init__(
        self,
        answer: Callable[[], web.Response],
        lingering_s: float = LINGERING_S,
        most_lingering: int = MOST_LINGERING,
    ) -> None:
        self._answer = answer
        self._lingering_s = lingering_s
        self._most_lingering = most_lingering
        self._lingering = 0

    def refuse(self, transport: asyncio.BaseTransport) -> None:
        """Takes a connection that was just made, and sees it to its end."""
        connection = cast("asyncio.Transport", transport)
        if self._lingering >= self._most_lingering:
            connection.abort()
            return
        self._lingering += 1
        timer = asyncio.get_running_loop().call_later(self._lingering_s, _end, connection)
        connection.set_protocol(_Lingering(timer, self._ended))
        connection.write(_wire(self._answer()))
        if connection.can_write_eof():  # not over TLS
            connection.write_eof()

    def _ended(self) -> None:
        self._lingering -= 1


class _Lingering(asyncio.Protocol):
    """Lets a refused client read its answer; whatever it sends meanwhile is dropped."""

    def __init__(self, timer: asyncio.TimerHandle, on_end: Callable[[], None]) -> None:
        self._timer = timer
        self._on_end = on_end

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._timer.cancel()
        self._on_end()


def _end(connection: asyncio.Transport) -> None:
    """Ends a connection whose client had its time: with TLS's farewell if nothing is in its way."""
    if connection.can_write_eof():
        connection.abort()
    else:
        connection.close()


def _wire(response: web.Response) -> bytes:
    """Writes an answer as it is sent, for a connection that no request was read from."""
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError("a refusal has its whole body")
    headers = {**response.headers, hdrs.CONTENT_LENGTH: str(len(body)), hdrs.CONNECTION: "close"}
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
