"""What is told of requests that nobody goes on with; `tests/integration/gateway` has the rest."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client import CollectorRegistry

from gateway.contracts.dialect import Dialect, Route
from gateway.cross_origin import CrossOrigin
from gateway.dialects import Dialects
from gateway.health import Lifecycle
from gateway.metrics import GatewayMetrics
from gateway.middlewares import observe
from gateway.recorder import Recorder
from gateway.standing_headers import StandingHeaders
from gateway.tracing import trace
from telemetry.logs import open_log
from tests.otlp import Collector, http_collector
from tests.thrown_away import begun, for_ever
from tests.traced import OTHER_TRACE_ID, TRACE_ID, traced, traceparent, variables


class Plain(Dialect):
    """Has nothing of its own."""

    name = "plain"

    def routes(self) -> list[Route]:
        return []

    def render_error(self, *_: object) -> web.Response:
        raise AssertionError("nothing is answered")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


async def answer_never(_request: web.Request) -> web.StreamResponse:
    await for_ever()
    raise AssertionError("it waits")


async def test_a_request_that_is_thrown_away_is_told_of_by_its_own_span(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    log, dialects = io.StringIO(), Dialects(Plain())
    metrics = GatewayMetrics(CollectorRegistry())
    record = Recorder(open_log("info", "json", log), metrics, lambda *_: None, ()).record
    standing = StandingHeaders(CrossOrigin((), dialects))
    inner = observe(dialects, record, Lifecycle(), 1.0, standing)
    request = make_mocked_request("GET", "/", {"traceparent": traceparent()})

    async def observed(request: web.Request) -> web.StreamResponse:
        return await inner(request, answer_never)

    with traced(monkeypatch, variables(collector)) as tracer:
        served: Any = trace(tracer, ())(request, observed)
        begun(served)
        with tracer.serve("another", {"traceparent": traceparent(OTHER_TRACE_ID)}):
            served.close()

    (own,), (other,) = collector.trace(TRACE_ID), collector.trace(OTHER_TRACE_ID)
    assert own.attributes["error.type"] == "client_closed"
    assert other.attributes == {}
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["code"], line["trace_id"]) == ("client_closed", TRACE_ID)
