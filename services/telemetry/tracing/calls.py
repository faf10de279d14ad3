"""Spans of the calls that a process makes by gRPC, as OpenTelemetry's conventions have them."""

from telemetry.tracing.attributes import Name
from telemetry.tracing.spans import Kind, Span, step

OK = "OK"
CANCELLED = "CANCELLED"


def begun_call(method: str) -> Span:
    """Begins the span of one call, as a step of the current one; its headers go with the call.

    ``method`` is the full name, ``package.Service/Method``.
    """
    return step(method, Kind.CLIENT, {Name.RPC_SYSTEM: "grpc", Name.RPC_METHOD: method})


def end_call(span: Span, status: str) -> None:
    """Ends the span of a call that ended with ``status``, which is gRPC's name of it.

    Whatever is not OK is an error of the call. Whether it is one of the request as well, the steps
    above it tell. A call ends once: what is told of it later is not heard.
    """
    span.tell({Name.RPC_STATUS: status})
    if status != OK:
        span.fail(status, ours=True)
    span.end()
