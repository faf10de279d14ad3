"""Spans of the calls that a process makes by gRPC, as OpenTelemetry's conventions have them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from telemetry.tracing.attributes import Name
from telemetry.tracing.spans import Kind, Span, step

Failure = TypeVar("Failure", bound=Exception)

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


@contextmanager
def answered_call(
    method: str, failure: type[Failure], status_of: Callable[[Failure], str]
) -> Iterator[Span]:
    """The span of a call that the block makes and waits for the answer of.

    It ends with the status of the ``failure`` that the block raises, and as cancelled with anything
    else that is raised.
    """
    span, status = begun_call(method), CANCELLED
    try:
        yield span
        status = OK
    except failure as error:
        status = status_of(error)
        raise
    finally:
        end_call(span, status)
