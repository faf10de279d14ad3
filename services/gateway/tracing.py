"""The span of each request, and what it tells. Health is asked too often to be traced."""

from collections.abc import Container
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from gateway.contracts.dialect import Handler
from gateway.request_state import FinishedRequest
from gateway.routes import UNKNOWN, route_template
from telemetry.tracing import Name, Span, Tracer


def trace(tracer: Tracer, probe_routes: Container[str]) -> Middleware:
    """Begins the span of each request, as part of its caller's trace. The outermost middleware."""

    @web.middleware
    async def trace_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_template(request)
        if route in probe_routes:
            return await handler(request)
        method = request.method if request.method in hdrs.METH_ALL else "HTTP"
        name = method if route == UNKNOWN else f"{method} {route}"
        with tracer.serve(name, request.headers):
            return await handler(request)

    return trace_request


def tell(span: Span, finished: FinishedRequest) -> None:
    """Tells the span of a request how it ended."""
    outcome, pixels = finished.outcome, finished.served_pixels
    span.tell(
        {
            Name.HTTP_METHOD: finished.method,
            Name.HTTP_ROUTE: None if finished.route == UNKNOWN else finished.route,
            Name.HTTP_STATUS: finished.status,
            Name.HTTP_BYTES_IN: finished.bytes_in,
            Name.HTTP_BYTES_OUT: finished.bytes_out,
            Name.REQUEST_ID: finished.request_id,
            Name.DIALECT: finished.dialect,
            Name.ORIGIN: outcome.origin,
            Name.MEGAPIXELS: None if pixels is None else pixels / 1e6,
        }
    )
    if outcome.code != "ok":
        is_ours = finished.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        span.fail(outcome.code, ours=is_ours)
