"""Uploads are freed when their requests end, and need no garbage collector for it."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import grpc
import pytest

from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    multipart,
    read_reply,
)
from tests.otlp import http_collector
from tests.traced import traced
from tests.traced import variables as tracing_to

UPLOAD_BYTES = 4_000_000

IMAGE = multipart(("image_file", bytes(UPLOAD_BYTES)))
TWO_IMAGES = multipart(("image_file", bytes(UPLOAD_BYTES)), ("image_file", b"another"))
BAD_OPTION = multipart(("image_file", bytes(UPLOAD_BYTES)), ("format", b"docx"))
UNCLOSED = IMAGE[:-4]
TOO_LARGE = multipart(("image_file", bytes(UPLOAD_BYTES + 1)))

DONE = Answer()
INVALID = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
BUSY = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=1.0)
BROKEN = Answer(output_format=99)


@pytest.fixture(params=["untraced", "traced"])
async def gateway(
    serve_gateway: ServeGateway, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServedGateway]:
    upload = UploadSettings(image_bytes=UPLOAD_BYTES)
    if request.param == "untraced":
        yield await serve_gateway(upload=upload)
        return
    with (
        http_collector() as collector,
        traced(monkeypatch, tracing_to(collector)) as tracer,
    ):
        yield await serve_gateway(upload=upload, tracer=tracer)


@pytest.mark.usefixtures("counted_memory")
@pytest.mark.parametrize(
    ("body", "behaviour", "status"),
    [
        (IMAGE, DONE, 200),
        (TWO_IMAGES, DONE, 400),
        (BAD_OPTION, DONE, 400),
        (UNCLOSED, DONE, 400),
        (TOO_LARGE, DONE, 413),
        (IMAGE, INVALID, 400),
        (IMAGE, BUSY, 503),
        (IMAGE, BROKEN, 500),
    ],
    ids=["done", "two", "option", "unclosed", "large", "invalid", "busy", "broken"],
)
async def test_an_upload_is_freed_when_its_request_has_ended(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    body: bytes,
    behaviour: Answer | Failure,
    status: int,
) -> None:
    segmenter.behaviour = behaviour
    before_bytes, _ = tracemalloc.get_traced_memory()

    reply = await gateway.post_body(body)

    assert reply.status == status
    segmenter.calls.clear()
    await gateway.until(
        lambda: tracemalloc.get_traced_memory()[0] < before_bytes + UPLOAD_BYTES // 2
    )


@pytest.mark.usefixtures("counted_memory")
async def test_an_upload_is_freed_when_its_client_leaves(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    head = gateway.head(
        {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": len(IMAGE)}
    )
    before_bytes, _ = tracemalloc.get_traced_memory()

    async with asyncio.timeout(PATIENCE_S):
        async with gateway.connection() as (_, writer):
            writer.write(head)
            writer.write(IMAGE)
            await segmenter.called.wait()
        await segmenter.cancelled.wait()

    segmenter.calls.clear()
    await gateway.until(
        lambda: tracemalloc.get_traced_memory()[0] < before_bytes + UPLOAD_BYTES // 2
    )


@pytest.mark.usefixtures("counted_memory")
async def test_an_upload_is_freed_when_its_framing_turns_out_to_be_malformed(
    gateway: ServedGateway,
) -> None:
    content = IMAGE[: UPLOAD_BYTES // 2]
    head = gateway.head(
        {"Content-Type": "multipart/form-data; boundary=b", "Transfer-Encoding": "chunked"}
    )
    before_bytes, _ = tracemalloc.get_traced_memory()

    async with gateway.connection() as (reader, writer):
        writer.write(head + f"{len(content):x}\r\n".encode() + content + b"\r\n")
        await gateway.until(
            lambda: tracemalloc.get_traced_memory()[0] > before_bytes + len(content)
        )
        writer.write(b"not hex\r\n")
        reply = await read_reply(reader)

    assert reply.status == 400
    await gateway.until(
        lambda: tracemalloc.get_traced_memory()[0] < before_bytes + UPLOAD_BYTES // 4
    )
