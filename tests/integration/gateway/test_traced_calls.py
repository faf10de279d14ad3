"""The spans of a gateway's calls of the segmenters: one each, from when it is made to its end."""

import asyncio
import contextlib
import io
import secrets
from collections.abc import AsyncIterator

import aiohttp
import grpc
import pytest

from gateway.settings import SegmenterSettings
from telemetry.tracing import Tracer
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import (
    Answer,
    Failure,
    FakeSegmenter,
    fake_segmenter,
)
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway, multipart
from tests.integration.gateway.traced_requests import (
    CUT,
    OK,
    QUESTION,
    End,
    by_name,
    ended,
    failed,
    only,
    post,
    spans_of,
    told,
)
from tests.otlp import Collector
from tests.traced import TRACE_ID

BUSY = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=3.0)
GONE = Failure(grpc.StatusCode.UNAVAILABLE, message="Socket closed", early=True)
LOST = Failure(grpc.StatusCode.UNAVAILABLE, message="Socket closed")
SHORT_S = 1.0
"""Longer than a segmenter takes to ask for an image that is not frozen, on whatever machine."""


@pytest.fixture
async def gateway(serve_gateway: ServeGateway, tracer: Tracer) -> ServedGateway:
    return await serve_gateway(tracer=tracer)


@pytest.fixture
async def other() -> AsyncIterator[FakeSegmenter]:
    async with fake_segmenter() as fake:
        yield fake


async def test_the_segmenter_is_told_of_the_call_it_answers(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    assert await post(gateway) == 200
    spans = await by_name(collector)
    call = spans[CUT]

    assert segmenter.traceparents == [told(call)]
    assert ended(call) == OK
    assert call.parent_id == spans["segmenter"].span_id
    assert spans["segmenter"].kind == "INTERNAL"
    assert spans["segmenter"].parent_id == spans["POST /v2"].span_id


async def test_a_call_lasts_until_its_answer_is_there_to_its_end(
    gateway: ServedGateway, collector: Collector
) -> None:
    assert await post(gateway) == 200
    spans = await by_name(collector)

    assert spans["segmenter"].end_ns <= spans["delivery"].start_ns
    assert spans["delivery"].start_ns < spans[CUT].end_ns <= spans["delivery"].end_ns


async def test_a_call_whose_answer_breaks_off_has_failed(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    segmenter.behaviour = Answer(end=LOST)
    with contextlib.suppress(aiohttp.ClientError):
        await post(gateway)
    spans = await by_name(collector)

    assert ended(spans[CUT]) == failed("UNAVAILABLE")
    assert not spans["segmenter"].is_error


async def test_a_call_whose_segmenter_dies_under_the_image_has_failed(
    gateway: ServedGateway, segmenter: FakeSegmenter, collector: Collector
) -> None:
    segmenter.behaviour = Answer(reading=asyncio.Event())
    image = io.BytesIO(multipart(("image_file", bytes(20_000_000))))
    asked = asyncio.create_task(post(gateway, body=image))
    await gateway.until(lambda: segmenter.has_been_asked(1))

    await segmenter.die()
    assert await asked == 503
    spans = await by_name(collector)

    # Where sending fails first, gRPC itself has made the status.
    assert ended(spans[CUT]) in (failed("UNAVAILABLE"), failed("INTERNAL"))


@pytest.mark.parametrize(("trouble", "status"), [(GONE, "UNAVAILABLE"), (None, "CANCELLED")])
async def test_whoever_is_asked_after_another_is_asked_by_a_call_of_its_own(
    serve_gateway: ServeGateway,
    tracer: Tracer,
    segmenter: FakeSegmenter,
    other: FakeSegmenter,
    collector: Collector,
    *,
    trouble: Failure | None,
    status: str,
) -> None:
    both = f"ipv4:{segmenter.target},{other.target}"
    settings = SegmenterSettings(target=both, accept_timeout_s=SHORT_S)
    gateway = await serve_gateway(tracer=tracer, segmenter=settings)
    await gateway.takes_turns(segmenter, other)
    segmenter.behaviour = trouble or Answer(asking=asyncio.Event())
    asked = len(segmenter.announced_bytes)
    trace_id = ""
    async with asyncio.timeout(PATIENCE_S):
        while not segmenter.has_been_asked(asked + 1):
            trace_id = secrets.token_hex(16)
            assert await post(gateway, trace_id) == 200
    spans = await spans_of(collector, trace_id)

    calls = [span for span in spans if span.name == CUT]
    (work,) = [span for span in spans if span.name == "segmenter"]
    assert [ended(call) for call in calls] == [failed(status), OK]
    assert {call.parent_id for call in calls} == {work.span_id}
    assert not work.is_error
    assert (segmenter.traceparents[-1], other.traceparents[-1]) == (told(calls[0]), told(calls[1]))


async def test_the_segmenter_is_told_that_a_request_is_not_sampled(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    assert await post(gateway, sampled=False) == 200

    (said,) = segmenter.traceparents
    assert said is not None
    assert said.startswith(f"00-{TRACE_ID}-")
    assert said.endswith("-00")


@pytest.mark.parametrize(
    ("answer", "end"), [(BUSY, failed("RESOURCE_EXHAUSTED")), (Answer(), OK)], ids=["no", "yes"]
)
async def test_the_question_before_an_upload_is_part_of_the_trace(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    collector: Collector,
    *,
    answer: Answer | Failure,
    end: End,
) -> None:
    segmenter.behaviour = BUSY
    await post(gateway)
    segmenter.behaviour = answer
    async with asyncio.timeout(PATIENCE_S):
        while not segmenter.questions:
            await post(gateway)
    question = await only(collector, QUESTION)

    assert ended(question) == end
    assert told(question) in segmenter.traceparents
    await asyncio.to_thread(
        collector.until, lambda spans: question.parent_id in {span.span_id for span in spans}
    )
    rooms = {span.span_id for span in collector.named(TRACE_ID, "room")}
    assert question.parent_id in rooms
