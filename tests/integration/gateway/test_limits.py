import asyncio
import math
from contextlib import AsyncExitStack
from functools import partial

import pytest

from gateway.settings import CONTRACT_IMAGE_BYTES, AdmissionSettings, UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
CHUNKED = FORM | {"Transfer-Encoding": "chunked"}
SMALL = UploadSettings(image_bytes=1000, text_bytes=1000, slack_bytes=500, field_bytes=100, parts=4)


async def test_thirty_megabytes_of_image_pass(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await gateway.post(image_form(bytes(CONTRACT_IMAGE_BYTES)))

    assert reply.status == 200
    assert len(segmenter.calls[0].image) == CONTRACT_IMAGE_BYTES


async def test_one_byte_more_is_413_image_too_large(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await gateway.post(image_form(bytes(CONTRACT_IMAGE_BYTES + 1)))

    error = reply.error()
    assert (reply.status, error["code"]) == (413, "image_too_large")
    assert error["message"] == "image too large (>30 MB)."
    assert segmenter.calls == []


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 413)])
async def test_the_image_limit_is_the_settings(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=SMALL)

    reply = await gateway.post_body(multipart(("image_file", bytes(1000 + surplus_bytes))))

    assert reply.status == status


async def test_a_declared_length_over_the_limit_is_refused_before_the_body(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(upload=SMALL)

    reply = await gateway.exchange(gateway.head(FORM | {"Content-Length": 1501}))

    assert (reply.status, reply.error()["code"]) == (413, "image_too_large")
    assert reply.headers["Connection"] == "close"
    assert gateway.access_lines()[0]["bytes_in"] == 0


async def test_a_declared_length_at_the_limit_is_read(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=SMALL)
    body = multipart(("image_file", b"image"))
    body += bytes(1500 - len(body))

    reply = await gateway.exchange(gateway.head(FORM | {"Content-Length": 1500}) + body)

    assert reply.status == 200


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 413)])
async def test_a_chunked_body_is_counted_while_it_is_read(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=SMALL)
    body = multipart(("image_file", b"image"))
    body += bytes(1500 - len(body) + surplus_bytes)
    head = gateway.head(FORM | {"Transfer-Encoding": "chunked"})

    reply = await gateway.exchange(head + _chunk(body) + _chunk(b""))

    assert reply.status == status


async def test_a_chunked_body_without_end_is_cut(gateway: ServedGateway) -> None:
    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Transfer-Encoding": "chunked"}))
        writer.write(_chunk(multipart(("image_file", b"image"))))
        answer = asyncio.create_task(read_reply(reader))
        while not answer.done():
            writer.write(_chunk(bytes(2**20)))
            await writer.drain()
        reply = await answer

    assert (reply.status, reply.error()["code"]) == (413, "image_too_large")


@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 400)])
async def test_another_field_has_a_limit_of_its_own(
    serve_gateway: ServeGateway, length: int, status: int
) -> None:
    gateway = await serve_gateway(upload=SMALL)
    body = multipart(("note", b"n" * length), ("image_file", b"image"))

    reply = await gateway.post_body(body)

    assert reply.status == status


@pytest.mark.parametrize(("notes", "status"), [(3, 200), (4, 400)])
async def test_a_form_has_so_many_parts_at_most(
    serve_gateway: ServeGateway, notes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=SMALL)
    body = multipart(*((f"n{index}", b"") for index in range(notes)), ("image_file", b"image"))

    reply = await gateway.post_body(body)

    assert reply.status == status


async def test_an_upload_beyond_the_byte_budget_is_503_overloaded_until_one_ends(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    body = multipart(("image_file", bytes(1000)), ("note", bytes(100)), ("more", bytes(100)))
    held_bytes = 4 * 2 * 1000  # by four uploads that were read
    budget_bytes = math.ceil((held_bytes + 2 * len(body)) * 4 / 3)  # of which a key gets 3 / 4
    gateway = await serve_gateway(
        upload=SMALL, admission=AdmissionSettings(budget_bytes=budget_bytes - 1)
    )
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", asking=gate)
    running = []
    for number in range(4):
        running.append(asyncio.create_task(gateway.post_body(body)))
        await gateway.until(partial(segmenter.has_been_asked, number + 1))

    refused = await gateway.post_body(body)
    small = asyncio.create_task(gateway.post_body(multipart(("image_file", b"small"))))
    gate.set()
    served = [*await asyncio.gather(*running, small), await gateway.post_body(body)]

    assert (refused.status, refused.error()["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert [reply.status for reply in served] == [200] * 6
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_a_chunked_upload_is_counted_as_it_arrives(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(upload=SMALL)
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=bytes(7), asking=gate)
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(CHUNKED) + _chunk(body[:10]))
        await gateway.until(lambda: "in_flight_bytes 20.0" in gateway.metrics())
        writer.write(_chunk(body[10:]))
        await gateway.until(lambda: f"in_flight_bytes {2 * len(body)}.0" in gateway.metrics())
        writer.write(_chunk(b""))
        await gateway.until(lambda: "in_flight_bytes 10.0" in gateway.metrics())
        gate.set()
        reply = await read_reply(reader)

    assert (reply.status, len(reply.body)) == (200, 7)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/json"])
async def test_many_chunked_uploads_of_a_key_that_fit_are_read_at_once(
    serve_gateway: ServeGateway, kind: str
) -> None:
    """Of the largest that they could be, two would fit."""
    gateway = await serve_gateway(upload=SMALL, admission=AdmissionSettings(budget_bytes=10_000))
    body = multipart(("image_file", b"image"))
    if kind == "application/json":
        body = b'{"image": "aW1hZ2U="}'
    head = gateway.head(CHUNKED | {"Content-Type": kind})
    async with AsyncExitStack() as stack:
        uploads = [await stack.enter_async_context(gateway.connection()) for _ in range(10)]
        for _, writer in uploads:
            writer.write(head + _chunk(body))
        in_flight_bytes = 10 * len(body) * (3 if kind == "application/json" else 2)
        await gateway.until(lambda: f"in_flight_bytes {in_flight_bytes}.0" in gateway.metrics())
        for _, writer in uploads:
            writer.write(_chunk(b""))
        replies = [await read_reply(reader) for reader, _ in uploads]

    assert [reply.status for reply in replies] == [200] * 10
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 503)])
async def test_a_chunked_upload_is_refused_where_it_exceeds_the_share_of_its_key(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(upload=SMALL, admission=AdmissionSettings(budget_bytes=10_000))
    # Of 10,000 bytes a key gets 7,500; two bodies of 1,500 bytes take up 6,000 of them.
    body = _of_size(750 + surplus_bytes)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            _, other = await stack.enter_async_context(gateway.connection())
            other.write(gateway.head(CHUNKED) + _chunk(_of_size(1500)))
        await gateway.until(lambda: "in_flight_bytes 6000.0" in gateway.metrics())
        reader, writer = await stack.enter_async_context(gateway.connection())
        writer.write(gateway.head(CHUNKED) + _chunk(body[:100]))
        await gateway.until(lambda: "in_flight_bytes 6200.0" in gateway.metrics())
        writer.write(_chunk(body[100:]) + _chunk(b"") * (status == 200))
        reply = await read_reply(reader)
        await gateway.until(lambda: "in_flight_bytes 6000.0" in gateway.metrics())

    assert reply.status == status
    if status == 503:
        assert reply.error()["code"] == "overloaded"
        assert reply.headers["Retry-After"] == "1"


async def test_a_client_that_goes_on_sending_reads_why_it_was_refused(
    serve_gateway: ServeGateway,
) -> None:
    upload = UploadSettings(image_bytes=4_000_000, text_bytes=4_000_000, slack_bytes=1000)
    gateway = await serve_gateway(upload=upload, admission=AdmissionSettings(budget_bytes=2**25))
    body = image_form(bytes(3_900_000))

    async with AsyncExitStack() as stack:
        for _ in range(3):
            _, other = await stack.enter_async_context(gateway.connection())
            other.write(gateway.head(CHUNKED) + _chunk(_of_size(4_000_000)))
        await gateway.until(lambda: "in_flight_bytes 2.4e+07" in gateway.metrics())
        reply = await gateway.ask(
            "POST", "/v2", data=body, headers={"x-api-key": gateway.key}, chunked=True
        )

    assert (reply.status, reply.error()["code"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "1"


async def test_an_image_that_has_been_sent_on_is_counted_no_more(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(gate=gate)
    asked = asyncio.create_task(gateway.post_body(multipart(("image_file", bytes(1_000_000)))))
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.called.wait()
    await gateway.until(lambda: "in_flight_bytes 0.0" in gateway.metrics())

    gate.set()

    assert (await asked).status == 200


@pytest.mark.parametrize(
    ("image_bytes", "counted"), [(2**21 - 1, "2.097151e+06"), (50_000_000, "2.097152e+06")]
)
async def test_what_passes_of_an_answer_is_counted_until_it_is_read(
    gateway: ServedGateway, segmenter: FakeSegmenter, image_bytes: int, counted: str
) -> None:
    end = asyncio.Event()
    segmenter.behaviour = Answer(image=bytes(image_bytes), end=end)
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await gateway.until(lambda: f"in_flight_bytes {counted}" in gateway.metrics())
        end.set()
        reply = await read_reply(reader)
    await gateway.until(lambda: "in_flight_bytes 0.0" in gateway.metrics())

    assert (reply.status, len(reply.body)) == (200, image_bytes)


async def test_a_refused_upload_gives_its_bytes_back(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=SMALL, admission=AdmissionSettings(budget_bytes=10_000))

    statuses = [(await gateway.post_body(b"--b" + bytes(1400))).status for _ in range(3)]

    assert statuses == [400, 400, 400]
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_by_default_32_clients_send_2_mb_and_get_12_mb_at_once(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=bytes(12_000_000), gate=gate)
    body = multipart(("image_file", bytes(2_000_000)))
    asked = [asyncio.create_task(_status_and_size(gateway, body)) for _ in range(32)]
    await gateway.until(lambda: len(segmenter.calls) == 32)

    gate.set()
    answers = await asyncio.gather(*asked)

    assert answers == [(200, 12_000_000)] * 32
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def _status_and_size(gateway: ServedGateway, body: bytes) -> tuple[int, int]:
    reply = await gateway.post_body(body)
    return reply.status, len(reply.body)


def _of_size(size_bytes: int) -> bytes:
    """A form of so many bytes."""
    form = multipart(("image_file", b"image"))
    return form + bytes(size_bytes - len(form))


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
