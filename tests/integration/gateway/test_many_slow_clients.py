"""Five hundred slow clients at once: others are served, and each of them has its documented end."""

import asyncio
import socket
from contextlib import ExitStack

from gateway.settings import AdmissionSettings, HttpSettings, UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
    read_reply,
    rest,
)

HALF_HEADS, HALF_BODIES, IDLE, STALLED = 160, 160, 150, 30
SLOW = HALF_HEADS + HALF_BODIES + IDLE + STALLED
GOOD = 50
PATIENCE_S = 4.0
FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: gateway\r\n\r\n"


async def test_others_are_served_beside_five_hundred_and_each_has_its_end(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    admission = AdmissionSettings()
    gateway = await serve_gateway(
        http=HttpSettings(
            port=0,
            head_timeout_s=PATIENCE_S,
            keepalive_timeout_s=PATIENCE_S,
            stall_timeout_s=PATIENCE_S,
        ),
        upload=UploadSettings(read_timeout_s=PATIENCE_S),
        admission=admission,
    )
    half_body = gateway.head(FORM | {"Content-Length": 100_000}) + b"--b\r\n"

    with ExitStack() as stack:
        segmenter.behaviour = Answer(image=bytes(8_000_000))
        for _ in range(STALLED):
            _stall(gateway, stack)
        ends = [
            *(
                asyncio.create_task(_end(gateway, b"GET / HTTP/1.1\r\nX-"))
                for _ in range(HALF_HEADS)
            ),
            *(asyncio.create_task(_end(gateway, half_body)) for _ in range(HALF_BODIES)),
            *(asyncio.create_task(_idle(gateway)) for _ in range(IDLE)),
        ]
        await gateway.until(lambda: _connections(gateway) == SLOW)
        await gateway.until(lambda: len(segmenter.calls) == STALLED)
        segmenter.behaviour = Answer(image=b"png")

        replies = [await gateway.post(image_form()) for _ in range(GOOD)]
        held_bytes = gateway.registry.get_sample_value("mattebox_gateway_in_flight_bytes")
        ended = await asyncio.gather(*ends)
        await gateway.until(lambda: _stalled(gateway) == STALLED)
        await gateway.until(lambda: "in_flight_bytes 0.0" in gateway.metrics())

    assert [reply.status for reply in replies] == [200] * GOOD
    assert held_bytes is not None
    assert held_bytes <= admission.budget_bytes
    assert ended == [0] * HALF_HEADS + [408] * HALF_BODIES + [0] * IDLE
    assert gateway.counted("connections_turned_away_total") == 0


async def _end(gateway: ServedGateway, sent: bytes) -> int:
    """Sends so much and waits: the status of the answer, or 0 if there is none."""
    async with gateway.connection() as (reader, writer):
        writer.write(sent)
        answer = await rest(reader)
    return int(answer.split(b" ")[1]) if answer else 0


async def _idle(gateway: ServedGateway) -> int:
    async with gateway.connection() as (reader, writer):
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200
        return len(await rest(reader))


def _stall(gateway: ServedGateway, stack: ExitStack) -> None:
    """Asks for a picture, and never reads it."""
    body = multipart(("image_file", b"image"))
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", gateway.port))
    client.sendall(gateway.head(FORM | {"Content-Length": len(body)}) + body)


def _connections(gateway: ServedGateway) -> float | None:
    return gateway.registry.get_sample_value("mattebox_gateway_connections")


def _stalled(gateway: ServedGateway) -> int:
    return sum(line["status"] == 499 for line in gateway.access_lines())
