"""Answers to what never comes to a handler, or fails outside of it."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web
from structlog.typing import FilteringBoundLogger

from gateway.dialects import Dialects
from gateway.errors import ApiError, BadRequestError, InternalError, OverloadedError
from gateway.protocol import AnswerFailure
from gateway.request_state import REQUEST_ID, TRACE_ID, FinishedRequest, Outcome, Record
from gateway.standing_headers import StandingHeaders
from telemetry import request_id
from telemetry.tracing import NO_SPAN


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
            ),
            NO_SPAN,
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
