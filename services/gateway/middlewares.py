"""What happens around every handler: ids, errors made answers, delivery, log and metrics."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web
from aiohttp.typedefs import Middleware
from structlog.typing import FilteringBoundLogger

from gateway.contracts.dialect import Handler
from gateway.delivery import BrokenAnswerError, deliver
from gateway.dialects import Dialects
from gateway.errors import (
    ApiError,
    BadRequestError,
    InternalError,
    NotFoundError,
    OverloadedError,
)
from gateway.health import Lifecycle
from gateway.protocol import AnswerFailure
from gateway.request_state import (
    CALLER,
    CLIENT_CLOSED,
    HELD,
    OUTCOME,
    PICTURE,
    REQUEST_ID,
    SERVED_PIXELS,
    STAGES_S,
    TRACE_ID,
    FinishedRequest,
    Outcome,
)
from gateway.routes import route_template
from gateway.standing_headers import StandingHeaders
from telemetry import request_id
from telemetry.tracing import current

Record = Callable[[FinishedRequest], None]

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_VERSIONS = (HttpVersion10, HttpVersion11)
_CODINGS: tuple[list[str], ...] = ([], ["chunked"])


def observe(
    dialects: Dialects,
    record: Record,
    lifecycle: Lifecycle,
    stall_timeout_s: float,
    standing: StandingHeaders,
) -> Middleware:
    """Names each request, delivers its answer, and records how it ended."""

    @web.middleware
    async def observe_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        started_s = time.monotonic()
        request[REQUEST_ID] = request_id.choose_request_id(request.headers.get(request_id.HEADER))
        request[TRACE_ID] = current().trace_id
        dialect = dialects.of(request)
        status, bytes_out = 500, 0
        outcome = Outcome("internal_error", "gateway")
        try:
            with ExitStack() as request[HELD]:
                response = await handler(request)
                standing.add(response, request, request[REQUEST_ID])
                dialect.complete(request, response)
                if lifecycle.stopping or _body_is_unread(request) or _is_oddly_framed(request):
                    response.force_close()
                await deliver(request, response, stall_timeout_s)
            status, bytes_out = response.status, response.body_length
            outcome = request.get(OUTCOME, Outcome())
        except BrokenAnswerError as error:
            # The status is what the client would have been told, had it come earlier.
            cause = error.cause
            status, outcome = cause.status, Outcome(cause.code, cause.origin, cause.detail)
            raise
        except (asyncio.CancelledError, ConnectionError):
            status, outcome = CLIENT_CLOSED, Outcome("client_closed", "client")
            raise
        else:
            return response
        finally:
            finished = FinishedRequest(
                request_id=request[REQUEST_ID],
                caller=request.get(CALLER),
                dialect=dialect.name,
                method=request.method if request.method in _METHODS else "OTHER",
                route=route_template(request),
                status=status,
                outcome=outcome,
                bytes_in=request.content.total_bytes,
                bytes_out=bytes_out,
                duration_s=time.monotonic() - started_s,
                served_pixels=request.get(SERVED_PIXELS) if status == HTTPStatus.OK else None,
                picture=request.get(PICTURE),
                stages_s=request.get(STAGES_S, {}),
            )
            record(finished)

    return observe_request


def answer_errors(dialects: Dialects, log: FilteringBoundLogger) -> Middleware:
    """Makes an answer of whatever a handler raises."""

    def answer(request: web.Request, failure: ApiError) -> web.Response:
        request[OUTCOME] = Outcome(failure.code, failure.origin, failure.detail)
        return dialects.render_error(failure, request, request[REQUEST_ID])

    # No name outlives its except clause: with it the traceback would keep this frame, and all
    # that the handler's frames hold, the upload first, until the garbage collector comes by.
    @web.middleware
    async def answer_error(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _check_framing(request)
            return await handler(request)
        except ApiError as error:
            return answer(request, error)
        except web.HTTPException as error:
            return answer(request, _from_framework(error))
        except ConnectionError:
            raise
        except Exception:
            log.exception(
                "unforeseen_error", request_id=request[REQUEST_ID], trace_id=current().trace_id
            )
            return answer(request, InternalError())

    return answer_error


def failure_answers(
    dialects: Dialects, record: Record, log: FilteringBoundLogger, standing: StandingHeaders
) -> AnswerFailure:
    """Makes the answers to requests that cannot be parsed, and to failures outside of handlers.

    Only those are recorded here that never came to `observe`.
    """

    def answer_failure(
        request: web.BaseRequest, status: int, cause: BaseException | None
    ) -> web.Response:
        answered_id = request.get(REQUEST_ID) or request_id.new_request_id()
        error: ApiError = InternalError()
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            error = BadRequestError("The request is not well-formed HTTP.")
        else:
            trace_id = request.get(TRACE_ID)
            log.error("unforeseen_error", request_id=answered_id, trace_id=trace_id, exc_info=cause)
        dialect = dialects.of(request)
        response = dialect.render_error(error, request, answered_id)
        standing.add(response, request, answered_id)
        if REQUEST_ID in request:  # it came as far as `observe`, which has recorded it
            return response
        record(
            FinishedRequest(
                request_id=answered_id,
                caller=None,
                dialect=dialect.name,
                method="OTHER",
                route="unparsed",
                status=error.status,
                outcome=Outcome(error.code, "gateway"),
                bytes_in=0,
                bytes_out=0,
                duration_s=0.0,
            )
        )
        return response

    return answer_failure


def full_answers(dialects: Dialects, standing: StandingHeaders) -> Callable[[], web.Response]:
    """Makes the answers to connections that there is no room for, of which no request is read."""

    def answer_full() -> web.Response:
        answered_id = request_id.new_request_id()
        response = dialects.render_error(OverloadedError(), None, answered_id)
        standing.add(response, None, answered_id)
        return response

    return answer_full


def _from_framework(error: web.HTTPException) -> ApiError:
    if error.status == HTTPStatus.NOT_FOUND:
        return NotFoundError()
    if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return BadRequestError()
    return InternalError()


def _body_is_unread(request: web.Request) -> bool:
    body = request.content
    return request.body_exists and (not body.is_eof() or body.exception() is not None)


def _check_framing(request: web.Request) -> None:
    if _is_oddly_framed(request):
        raise BadRequestError(
            "Send HTTP/1.1 or HTTP/1.0, and in Transfer-Encoding nothing but chunked, once."
        )


def _is_oddly_framed(request: web.Request) -> bool:
    """Whether other readers, a proxy in front say, may see another end of the request than we."""
    codings = [coding.lower() for coding in request.headers.getall(hdrs.TRANSFER_ENCODING, ())]
    return request.version not in _VERSIONS or codings not in _CODINGS
