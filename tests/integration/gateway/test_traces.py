"""What the spans of a gateway tell of requests, above all of those that go wrong."""

import asyncio

import grpc
import pytest

from gateway import middlewares
from telemetry.tracing import Tracer
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway
from tests.integration.gateway.traced_requests import BODY, CUT, by_name, ended, failed, post
from tests.otlp import Collector
from tests.traced import TRACE_ID, traceparent

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
BUSY = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=3.0)
INVALID = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
BROKEN = Failure(grpc.StatusCode.INTERNAL, "INTERNAL_ERROR")


@pytest.fixture
async def gateway(serve_gateway: ServeGateway, tracer: Tracer) -> ServedGateway:
    return await serve_gateway(tracer=tracer)


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        (BUSY, 503, "overloaded"),
        (BROKEN, 500, "internal_error"),
        (INVALID, 400, "invalid_image"),
    ],
)
async def test_only_what_is_ours_to_mend_is_an_error_of_more_than_the_call(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    collector: Collector,
    *,
    behaviour: Failure,
    status: int,
    code: str,
) -> None:
    segmenter.behaviour = behaviour
    assert await post(gateway) == status
    spans = await by_name(collector)
    served, work = spans["POST /v2"], spans["segmenter"]

    assert served.attributes["error.type"] == work.attributes["error.type"] == code
    assert served.is_error == work.is_error == (status >= 500)
    assert served.attributes["mattebox.origin"] == "segmenter"
    assert ended(spans[CUT]) == failed(behaviour.status.name)


async def test_the_line_of_what_fails_outside_of_handlers_names_the_trace(
    gateway: ServedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(middlewares, "deliver", fail)

    assert await post(gateway) == 500

    (line,) = [line for line in gateway.log_lines() if line["event"] == "unforeseen_error"]
    assert line["trace_id"] == TRACE_ID


async def test_a_client_that_leaves_is_told_of_and_no_error_but_of_the_call(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    headers = FORM | {"Content-Length": len(BODY), "traceparent": traceparent()}
    async with asyncio.timeout(PATIENCE_S), gateway.connection() as (_, writer):
        writer.write(gateway.head(headers) + BODY)
        await segmenter.called.wait()
    spans = await by_name(collector)
    served = spans["POST /v2"]

    assert served.attributes["error.type"] == "client_closed"
    assert served.attributes["http.response.status_code"] == 499
    assert ended(spans[CUT]) == failed("CANCELLED")
    assert [span.name for span in collector.spans if span.is_error] == [CUT]


async def test_requests_on_one_connection_are_traces_of_their_own(
    gateway: ServedGateway, collector: Collector
) -> None:
    for number in ("1", "2"):
        reply = await gateway.ask("GET", "/docs", headers={"traceparent": traceparent(number * 32)})
        assert reply.status == 200
    await asyncio.to_thread(
        collector.until, lambda spans: len([s for s in spans if s.name == "GET /docs"]) == 2
    )

    assert {span.trace_id for span in collector.spans} == {"1" * 32, "2" * 32}
