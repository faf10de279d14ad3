"""Spans of calls, as whoever makes the calls tells of them."""

from collections.abc import Iterator
from io import StringIO

import pytest

from telemetry.tracing import CANCELLED, NO_SPAN, OK, begun_call, current, end_call
from tests.otlp import Collector, http_collector
from tests.traced import TRACE_ID, traced, traceparent, variables

METHOD = "package.Service/Method"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


@pytest.mark.parametrize(
    ("status", "error_type"), [(OK, None), ("NOT_FOUND", "NOT_FOUND"), (CANCELLED, CANCELLED)]
)
def test_a_call_ends_with_its_status_and_whatever_is_not_ok_has_failed(
    monkeypatch: pytest.MonkeyPatch, collector: Collector, status: str, error_type: str | None
) -> None:
    with traced(monkeypatch, variables(collector)) as tracer:
        with tracer.serve("POST /v2", {"traceparent": traceparent()}) as root:
            span = begun_call(METHOD)
            assert current() is root
        # The call outlives what made it.
        end_call(span, status)
    (call,) = collector.named(TRACE_ID, METHOD)

    error = {} if error_type is None else {"error.type": error_type}
    assert call.kind == "CLIENT"
    assert call.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": METHOD,
        "rpc.response.status_code": status,
        **error,
    }
    assert call.is_error == bool(error)
    assert call.parent_id == collector.named(TRACE_ID, "POST /v2")[0].span_id


def test_what_is_told_of_a_call_that_has_ended_is_not_heard(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    log = StringIO()
    with (
        traced(monkeypatch, variables(collector), log) as tracer,
        tracer.serve("POST /v2", {"traceparent": traceparent()}),
    ):
        span = begun_call(METHOD)
        end_call(span, OK)
        end_call(span, CANCELLED)
    (call,) = collector.named(TRACE_ID, METHOD)

    assert (call.attributes["rpc.response.status_code"], call.is_error) == (OK, False)
    assert log.getvalue() == ""  # the SDK would have complained


def test_where_nothing_is_traced_a_call_has_no_span() -> None:
    span = begun_call(METHOD)

    end_call(span, OK)

    assert span is NO_SPAN
