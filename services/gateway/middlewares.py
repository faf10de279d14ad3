"""What happens around every handler: ids, errors made answers, delivery, log and metrics."""

import asyncio
import time
from contextlib import ExitStack
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware
from structlog.typing import FilteringBoundLogger

from gateway.contracts.dialect import Handler
from gateway.delivery import BrokenAnswerError, deliver
from gateway.dialects import Dialects
from gateway.errors import ApiError, BadRequestError, InternalError, NotFoundError
from gateway.framing import body_is_unread, check_framing, is_oddly_framed
from gateway.health import Lifecycle
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
    Record,
)
from gateway.routes import route_template
from gateway.standing_headers import StandingHeaders
from telemetry import request_id
from telemetry.tracing import current

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


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
        # Where a request is thrown away, another one's may be the current span at its end.
        span = current()
        request[REQUEST_ID] = request_id.choose_request_id(request.headers.get(request_id.HEADER))
        request[TRACE_ID] = span.trace_id
        dialect = dialects.of(request)
        status, bytes_out = 500, 0
        outcome = Outcome("internal_error", "gateway")
        try:
            with ExitStack() as request[HELD]:
                response = await handler(request)
                standing.add(response, request, request[REQUEST_ID])
                dialect.complete(request, response)
                if lifecycle.stopping or body_is_unread(request) or is_oddly_framed(request):
                    response.force_close()
                await deliver(request, response, stall_timeout_s)
            status, bytes_out = response.status, response.body_length
            outcome = request.get(OUTCOME, Outcome())
        except BrokenAnswerError as error:
            # The status is what the client would have been told, had it come earlier.
            cause = error.cause
            status, outcome = cause.status, Outcome(cause.code, cause.origin, cause.detail)
            raise
        except (asyncio.CancelledError, GeneratorExit, ConnectionError):
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
            record(finished, span)

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
            check_framing(request)
            return await handler(request)
        except ApiError as error:
            return answer(request, error)
        except web.HTTPException as error:
            return answer(request, _from_framework(error))
        except ConnectionError:
            raise
        except Exception:
            ids = {"request_id": request[REQUEST_ID], "trace_id": request[TRACE_ID]}
            log.exception("unforeseen_error", **ids)
            return answer(request, InternalError())

    return answer_error


def _from_framework(error: web.HTTPException) -> ApiError:
    if error.status == HTTPStatus.NOT_FOUND:
        return NotFoundError()
    if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return BadRequestError()
    return InternalError()
