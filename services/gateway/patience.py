"""How long a connection may go without a request, and what becomes of clients that half leave."""

import asyncio
import math
from dataclasses import dataclass
from functools import partial
from typing import cast

from aiohttp import HttpVersion11, StreamReader, web

from gateway.connections import Connections
from gateway.peer import address_of, has_refused
from gateway.refusal import Refusals

GONE_CHECK_S = 0.025
"""Seconds between looks at whether a client that closed its side is still there."""

_TLS_BUFFER_BYTES = 64 * 1024

_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Terms:
    """What every connection of a port is taken in under."""

    connections: Connections
    refusals: Refusals
    head_timeout_s: float
    keepalive_timeout_s: float
    stall_timeout_s: float


class PatientProtocol(web.RequestHandler):
    """A connection that is taken in if there is room, and idle for so long only.

    It is idle while every request that came has been answered, the whole of it received. Only
    then does it run out of time or make room for another; requests have time limits of their own.
    """

    __slots__ = (
        "_answered",
        "_has_spoken",
        "_head_begun",
        "_last_body",
        "_terms",
        "_timer",
        "_winding_up",
        "client_closed",
    )

    def __init__(self, manager: web.Server, terms: Terms, **limits: float) -> None:
        super().__init__(
            manager,
            loop=asyncio.get_running_loop(),
            # Never: it would count the time for a head from the answer before it.
            keepalive_timeout=math.inf,
            **limits,  # type: ignore[arg-type]  # some are whole numbers
        )
        self._terms = terms
        self._timer: asyncio.TimerHandle | None = None
        self._answered = 0
        self._last_body: StreamReader | None = None
        self._head_begun = True
        self._has_spoken = False
        self._winding_up = False
        self.client_closed = False

    @property
    def _all_received(self) -> bool:
        return self._last_body is None or self._last_body.is_eof()

    @property
    def _all_answered(self) -> bool:
        return self._answered == self._request_count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection in, or refuses it."""
        if not self._terms.connections.admit(self, address_of(transport)):
            self._terms.refusals.refuse(transport)
            return
        super().connection_made(transport)
        if _is_tls(transport):
            # Its buffer is beside the one below, so that a little is enough.
            cast("asyncio.Transport", transport).set_write_buffer_limits(_TLS_BUFFER_BYTES)
        self._winding_up = self._terms.connections.ending
        self._wait(self._terms.head_timeout_s)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Lets the connection go."""
        self._stop_timer()
        self._terms.connections.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Times the head of a request from its first byte."""
        super().data_received(data)
        self._has_spoken |= bool(data)
        self._note_messages()
        if data and not self._head_begun and self._all_answered and self._all_received:
            self._head_begun = True
            self._wait(self._terms.head_timeout_s)

    def eof_received(self) -> bool:  # type: ignore[override]  # the framework never says yes
        """Goes on for a client that has sent all of its request and closed its side.

        One that closed both sides looks the same, and is found out by an interim answer, which its
        system refuses. Over TLS nobody can go on: there the end of one side is that of both.
        """
        if self.transport is None or _is_tls(self.transport):
            return False
        if self._all_answered or not self._all_received:
            return False
        if not self.client_closed:
            self.client_closed = True
            self._loop.call_later(GONE_CHECK_S, self._look_for_client, self.transport)
        return True

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Ends the answer, and lets the time for the next request begin."""
        if self._winding_up:
            resp.force_close()
        finished = await super().finish_response(request, resp, start_time)
        self._answered += 1
        if finished[0].keep_alive:
            self._note_messages()
        else:
            self._answered = self._request_count  # what has come behind it is dropped
        if self._all_answered:
            if self.client_closed:
                self.close()
            self._head_begun = False
            self._wait(self._terms.keepalive_timeout_s)
        return finished

    def wind_up(self, *, await_first: bool) -> None:
        """See `Connection.wind_up`."""
        self._winding_up = True
        if not (self._all_answered and self._all_received):
            return
        is_new = self._request_count == 0
        if not ((self._head_begun and self._has_spoken) or (await_first and is_new)):
            self.force_close()

    def make_room(self) -> bool:
        """Closes the connection if it is idle, and its client has taken all that was sent."""
        if not (self._all_answered and self._all_received) or self.transport is None:
            return False
        if self.transport.get_write_buffer_size():
            return False
        self.force_close()
        return True

    def answer_no_more(self) -> None:
        """Takes the last answer for that to all that has come, and drops what still comes."""
        self._answered = self._request_count
        self._wait(self._terms.stall_timeout_s)
        self.close()

    def _note_messages(self) -> None:
        """Looks whether requests have come whose turn has not."""
        if self._messages:
            self._last_body = self._messages[-1][1]
            self._terms.connections.works(self)
            self._stop_timer()

    def _wait(self, patience_s: float) -> None:
        """Gives the client so long for a request."""
        if self.transport is not None:
            self._terms.connections.waits(self)
            self._set_timer(patience_s, self.transport)

    def _set_timer(
        self, patience_s: float, transport: asyncio.Transport, unsent_bytes: float = math.inf
    ) -> None:
        self._stop_timer()
        self._timer = self._loop.call_later(patience_s, self._run_out, transport, unsent_bytes)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run_out(self, transport: asyncio.Transport, unsent_bytes: float) -> None:
        """Ends a connection whose time is up, once its client has taken all that was sent.

        A client that takes no more would keep even a closed connection for ever.
        """
        still_unsent_bytes = transport.get_write_buffer_size()
        if still_unsent_bytes >= unsent_bytes:
            transport.abort()
        elif still_unsent_bytes or not self._all_received:
            self._set_timer(self._terms.stall_timeout_s, transport, still_unsent_bytes)
        else:
            self.force_close()

    def _look_for_client(self, transport: asyncio.Transport, *, asked: bool = False) -> None:
        """Asks a client that closed its side whether it is there; gives up on one that is not."""
        if self._all_answered or transport.is_closing():
            return
        if has_refused(transport):
            transport.abort()
            return
        request = self._current_request
        if not asked and request is not None:
            asked = True
            # Where the answer has begun, the answer itself is refused.
            if request.version >= HttpVersion11 and not request.writer.output_size:
                transport.write(_INTERIM)
        look = partial(self._look_for_client, transport, asked=asked)
        self._loop.call_later(GONE_CHECK_S, look)


def _is_tls(transport: asyncio.BaseTransport) -> bool:
    return transport.get_extra_info("sslcontext") is not None
