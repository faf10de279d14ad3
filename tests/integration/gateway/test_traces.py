"""What the spans of a gateway tell of requests that go wrong, and what it tells the segmenter."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from gateway import middlewares
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway, multipart
from tests.otlp import Collector, Received, http_collector
from tests.traced import TRACE_ID, traced, traceparent
from tests.traced import variables as tracing_to

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
BODY = multipart(("image_file", b"image"))
SERVICE = "mattebox.segmenter.v1.SegmenterService"
BUSY = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=3.0)
INVALID = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
BROKEN = Failure(grpc.StatusCode.INTERNAL, "INTERNAL_ERROR")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


@pytest.fixture
async def gateway(
    serve_gateway: ServeGateway, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServedGateway]:
    with traced(monkeypatch, tracing_to(collector)) as tracer:
        yield await serve_gateway(tracer=tracer)


async def post(gateway: ServedGateway, *, sampled: bool = True) -> int:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = await gateway.post(BODY, headers | {"traceparent": traceparent(sampled=sampled)})
    return reply.status


async def only(collector: Collector, name: str) -> Received:
    await asyncio.to_thread(collector.until, lambda spans: name in {span.name for span in spans})
    (span,) = [span for span in collector.spans if span.name == name]
    return span


async def test_the_segmenter_is_told_of_the_call_it_answers(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    assert await post(gateway) == 200
    call = await only(collector, f"{SERVICE}/RemoveBackgroundChunked")

    assert segmenter.traceparents == [f"00-{TRACE_ID}-{call.span_id}-01"]


async def test_the_segmenter_is_told_that_a_request_is_not_sampled(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    assert await post(gateway, sampled=False) == 200

    (told,) = segmenter.traceparents
    assert told is not None
    assert told.startswith(f"00-{TRACE_ID}-")
    assert told.endswith("-00")


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        (BUSY, 503, "overloaded"),
        (BROKEN, 500, "internal_error"),
        (INVALID, 400, "invalid_image"),
    ],
)
async def test_only_what_is_ours_to_mend_is_an_error(
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
    served = await only(collector, "POST /v2")
    call = await only(collector, f"{SERVICE}/RemoveBackgroundChunked")

    assert served.attributes["error.type"] == call.attributes["error.type"] == code
    assert served.is_error == call.is_error == (status >= 500)
    assert served.attributes["mattebox.origin"] == "segmenter"


async def test_the_line_of_what_fails_outside_of_handlers_names_the_trace(
    gateway: ServedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(middlewares, "deliver", fail)

    assert await post(gateway) == 500

    (line,) = [line for line in gateway.log_lines() if line["event"] == "unforeseen_error"]
    assert line["trace_id"] == TRACE_ID


async def test_the_question_before_an_upload_is_part_of_the_trace(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    segmenter.behaviour = BUSY
    await post(gateway)
    async with asyncio.timeout(PATIENCE_S):
        while not segmenter.questions:
            await post(gateway)
    question = await only(collector, f"{SERVICE}/CheckAdmission")

    assert question.kind == "CLIENT"
    assert f"00-{TRACE_ID}-{question.span_id}-01" in segmenter.traceparents
    await asyncio.to_thread(
        collector.until, lambda spans: question.parent_id in {span.span_id for span in spans}
    )
    rooms = {span.span_id for span in collector.named(TRACE_ID, "room")}
    assert question.parent_id in rooms


async def test_a_client_that_leaves_is_told_of_and_no_error(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    headers = FORM | {"Content-Length": len(BODY), "traceparent": traceparent()}
    async with asyncio.timeout(PATIENCE_S), gateway.connection() as (_, writer):
        writer.write(gateway.head(headers) + BODY)
        await segmenter.called.wait()
    served = await only(collector, "POST /v2")

    assert served.trace_id == TRACE_ID
    assert served.attributes["error.type"] == "client_closed"
    assert served.attributes["http.response.status_code"] == 499
    assert not any(span.is_error for span in collector.spans)


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
