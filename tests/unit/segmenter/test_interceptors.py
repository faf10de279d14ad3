"""What is told of calls that nobody goes on with; `tests/integration/segmenter` has the rest."""

import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from segmenter.interceptors import CallInterceptor
from segmenter.metrics import Metrics
from segmenter.tracing import TracingInterceptor
from telemetry.logs import open_log
from tests.otlp import Collector, http_collector
from tests.thrown_away import begun, for_ever
from tests.traced import OTHER_TRACE_ID, TRACE_ID, traced, traceparent, variables

PATH = "/mattebox.segmenter.v1.SegmenterService/Method"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


async def answer_never(_request: object, _context: object) -> None:
    await for_ever()


async def answer_once(
    _requests: AsyncIterator[object], _context: object
) -> AsyncGenerator[bytes, None]:
    yield b"an answer"


@pytest.mark.parametrize("kind", ["unary", "stream"])
def test_a_call_that_is_thrown_away_is_told_of_by_its_own_span(
    monkeypatch: pytest.MonkeyPatch, collector: Collector, kind: str
) -> None:
    log = io.StringIO()
    calls = CallInterceptor(Metrics(CollectorRegistry()), open_log("info", "json", log))
    context: Any = SimpleNamespace(
        invocation_metadata=lambda: (("traceparent", traceparent()),),
        time_remaining=lambda: None,
        write=lambda _: for_ever(),
    )
    requests: Any = object()
    with traced(monkeypatch, variables(collector)) as tracer:
        outer = TracingInterceptor(tracer)
        inner = (
            calls.wrap_unary(PATH, answer_never)
            if kind == "unary"
            else calls.wrap_stream(PATH, answer_once)
        )
        call: Any = outer.wrap_unary(PATH, inner)(requests, context)
        begun(call)
        with tracer.serve("another", {"traceparent": traceparent(OTHER_TRACE_ID)}):
            call.close()

    (own,), (other,) = collector.trace(TRACE_ID), collector.trace(OTHER_TRACE_ID)
    assert own.attributes["rpc.response.status_code"] == "CANCELLED"
    assert other.attributes == {}
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["code"], line["trace_id"]) == ("CANCELLED", TRACE_ID)
