import asyncio
import contextlib
import socket
from functools import partial

import pytest

from gateway.settings import HttpSettings, UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, multipart, read_reply, rest

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: gateway\r\n\r\n"
SHORT_S = 0.2
PACE_S = 0.01


@pytest.mark.parametrize("sent", [b"", b"P", b"POST /v2 HTTP/1.1\r\nHost: gateway\r\nX-Half: "])
async def test_a_head_that_does_not_come_ends_the_connection(
    serve_gateway: ServeGateway, sent: bytes
) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, head_timeout_s=SHORT_S))

    async with gateway.connection() as (reader, writer):
        writer.write(sent)
        assert await rest(reader) == b""


async def test_a_head_that_drips_gets_no_more_time(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, head_timeout_s=SHORT_S))

    async with gateway.connection() as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\n")
        end = asyncio.create_task(rest(reader))
        await _drip(writer, b"X", end)
        assert await end == b""


async def test_a_connection_without_a_further_request_is_closed(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, keepalive_timeout_s=SHORT_S))

    async with gateway.connection() as (reader, writer):
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200
        assert await rest(reader) == b""


async def test_the_head_of_a_further_request_has_a_time_of_its_own(
    serve_gateway: ServeGateway,
) -> None:
    times = HttpSettings(port=0, head_timeout_s=SHORT_S, keepalive_timeout_s=3600)
    gateway = await serve_gateway(http=times)

    async with gateway.connection() as (reader, writer):
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200
        writer.write(LIVE[:-2])
        end = asyncio.create_task(rest(reader))
        await _drip(writer, b"X", end)
        assert await end == b""


async def test_a_further_request_may_take_the_time_of_a_head_once_it_has_begun(
    serve_gateway: ServeGateway,
) -> None:
    times = HttpSettings(port=0, head_timeout_s=3600, keepalive_timeout_s=SHORT_S)
    gateway = await serve_gateway(http=times)

    async with gateway.connection() as (reader, writer):
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200
        writer.write(LIVE[:-2])
        # Longer than a connection may idle; had it been closed, it would be gone by then.
        async with gateway.connection() as (idle, other):
            other.write(LIVE)
            await read_reply(idle)
            assert await rest(idle) == b""
        writer.write(LIVE[-2:])
        assert (await read_reply(reader)).status == 200


async def test_closed_connections_whose_answer_is_not_taken_do_not_stay(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    times = HttpSettings(port=0, stall_timeout_s=SHORT_S, keepalive_timeout_s=SHORT_S)
    gateway = await serve_gateway(http=times)
    body = multipart(("image_file", b"image"))
    head = gateway.head(FORM | {"Content-Length": len(body), "Connection": "close"})

    with contextlib.ExitStack() as stack:
        # Of sizes among which there are some that the kernels' buffers nearly hold: the rest of
        # such an answer waits in the gateway when it has been delivered as far as that can tell.
        sizes_bytes = range(2_000_000, 5_000_000, 48_000)
        for number, size_bytes in enumerate(sizes_bytes, start=1):
            segmenter.behaviour = Answer(image=bytes(size_bytes))
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", gateway.port))
            client.sendall(head + body)
            await gateway.until(partial(segmenter.has_been_asked, number))
        await gateway.until(lambda: len(gateway.access_lines()) == len(sizes_bytes))
        await gateway.until(lambda: "gateway_connections 0.0" in gateway.metrics())
        statuses = {line["status"] for line in gateway.access_lines()}

    assert statuses == {200, 499}
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_a_body_that_stops_is_408_request_timeout(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=SHORT_S))

    reply = await gateway.exchange(gateway.head(FORM | {"Content-Length": 100}) + b"--b\r\n")

    assert (reply.status, reply.error()["code"]) == (408, "request_timeout")
    assert reply.headers["Connection"] == "close"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_a_body_that_drips_is_408_when_its_whole_time_is_up(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(upload=UploadSettings(body_timeout_s=SHORT_S))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": 1_000_000}))
        answer = asyncio.create_task(read_reply(reader))
        await _drip(writer, b"p", answer)
        reply = await answer

    assert (reply.status, reply.error()["code"]) == (408, "request_timeout")


async def test_a_body_that_drips_within_its_time_is_read(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}))
        for index in range(len(body)):
            writer.write(body[index : index + 1])
            await writer.drain()
        reply = await read_reply(reader)

    assert (reply.status, segmenter.calls[0].image) == (200, b"image")


async def test_a_request_that_comes_byte_by_byte_is_answered(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body = multipart(("image_file", b"image"))
    request = gateway.head(FORM | {"Content-Length": len(body)}) + body

    async with gateway.connection() as (reader, writer):
        for byte in request + LIVE:
            writer.write(bytes([byte]))
            await writer.drain()
        statuses = [(await read_reply(reader)).status for _ in range(2)]

    assert statuses == [200, 200]
    assert segmenter.calls[0].image == b"image"


async def test_thousands_of_requests_on_one_connection_are_answered_in_turn(
    gateway: ServedGateway,
) -> None:
    count = 3000

    async with gateway.connection() as (reader, writer):
        sending = asyncio.create_task(_send(writer, LIVE * count))
        statuses = [(await read_reply(reader)).status for _ in range(count)]
        await sending

    assert statuses == [200] * count


async def test_a_client_that_does_not_read_its_answer_is_disconnected(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, stall_timeout_s=SHORT_S))
    segmenter.behaviour = Answer(image=bytes(100 * 2**20))
    body = multipart(("image_file", b"image"))

    async with gateway.connection() as (_, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await gateway.until(lambda: len(gateway.access_lines()) == 1)

    (line,) = gateway.access_lines()
    assert (line["status"], line["code"]) == (499, "client_closed")
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_slow_clients_do_not_hold_up_others(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway()
    head = gateway.head(FORM | {"Content-Length": 100})

    async with gateway.connection() as (_, half_head), gateway.connection() as (_, half_body):
        half_head.write(b"POST /v2 HTTP/1.1\r\n")
        half_body.write(head)
        reply = await gateway.post_body(multipart(("image_file", b"image")))

    assert reply.status == 200


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, drop: bytes, until: "asyncio.Task[object]") -> None:
    """Writes ``drop`` again and again ``until`` something is done."""
    while not until.done():
        writer.write(drop)
        await asyncio.wait({until}, timeout=PACE_S)
