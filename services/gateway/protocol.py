"""The HTTP protocol of the public port: its limits, and answers to what never becomes a request."""

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp.http import RawRequestMessage

from gateway.patience import PatientProtocol, Terms

AnswerFailure = Callable[[web.BaseRequest, int, BaseException | None], web.Response]

LINE_BYTES = 8190
HEADERS = 128
LINGERING_S = 3.0


class GatewayProtocol(PatientProtocol):
    """One connection. ``answer_failure`` words what no handler gets to see."""

    __slots__ = ("_answer_failure", "_senseless")

    def __init__(self, manager: web.Server, terms: Terms, answer_failure: AnswerFailure) -> None:
        super().__init__(
            manager,
            terms,
            # Bodies are read as they are; compressed ones are refused.
            auto_decompress=False,
            # A refused upload is read on for a while, since closing at once loses the answer.
            lingering_time=LINGERING_S,
            max_line_size=LINE_BYTES,
            max_field_size=LINE_BYTES,
            max_headers=HEADERS,
        )
        self._answer_failure = answer_failure
        self._senseless = False

    def data_received(self, data: bytes) -> None:
        """Takes no more once something makes no sense: nothing behind it has a beginning."""
        if self._senseless:
            return
        super().data_received(data)
        if self._messages and not isinstance(self._messages[-1][0], RawRequestMessage):
            self._senseless = True
            self._fail_bodies()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  quotes the request
    ) -> web.StreamResponse:
        """Answers instead of the framework, whose answer and log line would quote the request."""
        if isinstance(exc, ConnectionError) or request.writer.output_size > 0:
            raise ConnectionError("the answer cannot be sent any more") from exc
        response = self._answer_failure(request, status, exc)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Replaces the answers that the framework gives before a handler is asked."""
        if isinstance(resp, web.HTTPException):
            resp = self._answer_failure(request, resp.status, resp)
        finished = await super().finish_response(request, resp, start_time)
        if self._senseless and not finished[0].keep_alive:
            await self._linger()
        return finished

    def log_exception(self, *_args: object, **kwargs: object) -> None:
        """Names the kind of the failure only, since its text may quote the request."""
        kind = type(kwargs.get("exc_info")).__name__
        self.logger.warning("A connection was closed after a failure: %s", kind)

    def _fail_bodies(self) -> None:
        """Fails the bodies whose framing is malformed: the framework lets their readers wait."""
        bodies = [body for _, body in self._messages]
        if self._current_request is not None:
            bodies.append(self._current_request.content)
        for body in bodies:
            if not body.is_eof():
                body.set_exception(web.RequestPayloadError("malformed framing"))
                body.feed_eof()

    async def _linger(self) -> None:
        """Drops what still comes of a request that makes no sense, until its client has read so.

        To close at once would lose the answer, as with bodies.
        """
        self.answer_no_more()
        if self.transport is not None and not self.client_closed:
            if self.transport.can_write_eof():  # not over TLS
                self.transport.write_eof()
            # The end of the connection cancels this.
            await asyncio.sleep(LINGERING_S)
