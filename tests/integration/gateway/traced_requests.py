"""Requests of whoever has a trace, and what has come to a collector of them."""

import asyncio
from io import BytesIO

from tests.integration.gateway.served_gateway import ServedGateway, multipart
from tests.otlp import Collector, Received
from tests.traced import TRACE_ID, traceparent

BODY = multipart(("image_file", b"image"))

_SERVICE = "mattebox.segmenter.v1.SegmenterService"
CUT = f"{_SERVICE}/RemoveBackgroundChunked"
QUESTION = f"{_SERVICE}/CheckAdmission"

End = tuple[str, str, str | None, bool]
"""Kind, status and error of a call, and whether it is one."""

OK: End = ("CLIENT", "OK", None, False)


async def post(
    gateway: ServedGateway,
    trace_id: str = TRACE_ID,
    body: bytes | BytesIO = BODY,
    *,
    sampled: bool = True,
) -> int:
    """Has a picture cut out as part of a trace; gives the status."""
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    said = {"traceparent": traceparent(trace_id, sampled=sampled)}
    return (await gateway.post(body, headers | said)).status


async def spans_of(collector: Collector, trace_id: str = TRACE_ID) -> list[Received]:
    """The spans of a request whose own, which ends last, has come."""
    await asyncio.to_thread(
        collector.until,
        lambda spans: (trace_id, "POST /v2") in {(span.trace_id, span.name) for span in spans},
    )
    return collector.trace(trace_id)


async def by_name(collector: Collector) -> dict[str, Received]:
    """The same of a request that has one of each."""
    spans = await spans_of(collector)
    assert len({span.name for span in spans}) == len(spans)
    return {span.name: span for span in spans}


async def only(collector: Collector, name: str) -> Received:
    """The one span of a name that comes."""
    await asyncio.to_thread(collector.until, lambda spans: name in {span.name for span in spans})
    (span,) = [span for span in collector.spans if span.name == name]
    return span


def told(call: Received) -> str:
    """What the segmenter is told whose work it does."""
    return f"00-{call.trace_id}-{call.span_id}-01"


def ended(call: Received) -> End:
    """What a span of a call tells of its end."""
    facts = call.attributes
    return call.kind, facts["rpc.response.status_code"], facts.get("error.type"), call.is_error


def failed(status: str) -> End:
    """How a call ends that failed with a status."""
    return "CLIENT", status, status, True
