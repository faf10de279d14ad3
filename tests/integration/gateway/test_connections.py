"""The cap on connections, over real sockets: at it and one past it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import pytest

from gateway.settings import HttpSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    Reply,
    ServedGateway,
    multipart,
    read_reply,
    rest,
)

MOST = 4
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: gateway\r\n\r\n"
FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
WITH_FEW_DESCRIPTORS = """
import os
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (528, 528))
while os.open(os.devnull, os.O_RDONLY) < 528 - 50:
    pass
from gateway.main import main
main()
"""


@pytest.fixture
async def full(serve_gateway: ServeGateway) -> AsyncIterator[ServedGateway]:
    """A gateway with as many uploads under way as it takes connections."""
    gateway = await serve_gateway(http=HttpSettings(port=0, max_connections=MOST))
    async with contextlib.AsyncExitStack() as stack:
        for number in range(MOST):
            _, writer = await stack.enter_async_context(gateway.connection())
            writer.write(gateway.head(FORM | {"Content-Length": 100}))
            await gateway.until(partial(_are_open, gateway, number + 1))
        await gateway.until(lambda: "in_flight_bytes 800.0" in gateway.metrics())
        yield gateway


async def test_one_more_connection_gets_503_and_is_closed(full: ServedGateway) -> None:
    async with full.connection() as (reader, writer):
        writer.write(LIVE)
        reply = await read_reply(reader)
        assert await rest(reader) == b""

    assert (reply.status, reply.error()["code"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "1"
    assert reply.headers["Connection"] == "close"
    assert reply.headers["Server"] == "mattebox"
    assert _are_open(full, MOST)
    assert 'connections_turned_away_total{reason="full"} 1.0' in full.metrics()


async def test_the_answer_is_whole_however_much_the_client_sends(full: ServedGateway) -> None:
    body = multipart(("image_file", bytes(1_000_000)))

    async with full.connection() as (reader, writer):
        writer.write(full.head(FORM | {"Content-Length": len(body)}) + body)
        reply = await read_reply(reader)

    assert (reply.status, reply.error()["code"]) == (503, "overloaded")


async def test_those_that_are_in_are_served(full: ServedGateway) -> None:
    async with full.connection() as (reader, _):
        assert (await read_reply(reader)).status == 503
    assert _are_open(full, MOST)
    assert "in_flight_bytes 800.0" in full.metrics()


async def test_at_the_cap_all_are_served(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, max_connections=MOST))
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", gate=gate)
    body = multipart(("image_file", b"image"))
    request = gateway.head(FORM | {"Content-Length": len(body), "Connection": "close"}) + body

    async with asyncio.timeout(PATIENCE_S):
        asked = [asyncio.create_task(gateway.exchange(request)) for _ in range(MOST)]
        await gateway.until(lambda: len(segmenter.calls) == MOST)
        refused = await gateway.exchange(request)
        gate.set()
        replies = await asyncio.gather(*asked)

    assert [reply.status for reply in replies] == [200] * MOST
    assert refused.status == 503
    assert len(segmenter.calls) == MOST
    assert (await _once_there_is_room(gateway)).status == 200


@pytest.mark.parametrize(
    "sent", [b"", b"GET /v2/health/live HTTP/1.1\r\nX-", LIVE], ids=["new", "half a head", "kept"]
)
async def test_connections_without_a_request_make_room_for_others(
    serve_gateway: ServeGateway, sent: bytes
) -> None:
    patient = HttpSettings(
        port=0, max_connections=MOST, head_timeout_s=3600, keepalive_timeout_s=3600
    )
    gateway = await serve_gateway(http=patient)

    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(gateway.connection()) for _ in range(MOST)]
        for reader, writer in clients:
            writer.write(sent)
            if sent == LIVE:
                assert (await read_reply(reader)).status == 200
        await gateway.until(partial(_are_open, gateway, MOST))
        reply = await _once_there_is_room(gateway)
        assert await rest(clients[0][0]) == b""

    assert reply.status == 200
    assert 'connections_turned_away_total{reason="made_room"} 1.0' in gateway.metrics()


async def test_an_address_has_its_share(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(http=HttpSettings(port=0, max_connections_per_address=2))

    async with gateway.connection() as (one, _), gateway.connection():
        await gateway.until(partial(_are_open, gateway, 2))
        refused = await gateway.exchange(LIVE)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", gateway.port, local_addr=("127.0.0.2", 0)
        )
        writer.write(LIVE)
        served = await read_reply(reader)
        writer.close()
        assert not one.at_eof()

    assert (refused.status, served.status) == (503, 200)
    assert 'connections_turned_away_total{reason="address"} 1.0' in gateway.metrics()


async def test_the_probes_have_a_port_of_their_own(
    segmenter: FakeSegmenter, database: Database
) -> None:
    variables = settings_of(database, segmenter.target) | {"HTTP_MAX_CONNECTIONS": 1}
    async with gateway_process(variables) as gateway, aiohttp.ClientSession() as session:
        probes = (await gateway.logged("metrics_listening"))["port"]
        port = (await gateway.logged("listening"))["port"]
        async with (
            client_of(port, database.key) as client,
            client.connection() as (reader, writer),
        ):
            writer.write(client.head(FORM | {"Content-Length": 100, "Expect": "100-continue"}))
            assert (await read_reply(reader)).status == 100
            assert (await client.exchange(LIVE)).status == 503
            for path in ("live", "ready"):
                async with session.get(f"http://127.0.0.1:{probes}/{path}") as response:
                    assert response.status == 200
            async with session.get(f"http://127.0.0.1:{probes}/metrics") as response:
                assert "mattebox_gateway_connections 1.0" in await response.text()


async def test_more_connections_than_the_system_has_descriptors_for_are_told_at_start(
    segmenter: FakeSegmenter, database: Database
) -> None:
    variables = settings_of(database, segmenter.target) | {"HTTP_MAX_CONNECTIONS": 10**9}
    async with gateway_process(variables) as gateway:
        assert await gateway.exit_code() == 2
        assert gateway.process.stderr is not None
        told = (await gateway.process.stderr.read()).decode()

    assert "MATTEBOX_GATEWAY_HTTP_MAX_CONNECTIONS is 1000000000" in told


async def test_running_out_of_descriptors_ends_with_those_who_took_them(
    segmenter: FakeSegmenter, database: Database
) -> None:
    variables = settings_of(database, segmenter.target) | {"HTTP_MAX_CONNECTIONS": 8}
    command = ("-c", WITH_FEW_DESCRIPTORS)
    async with gateway_process(variables, command) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client:
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(64):
                    await stack.enter_async_context(client.connection())
                told = await gateway.logged("library_message")
                assert "out of system resource" in told["detail"]
            assert (await _once_there_is_room(client)).status == 200
        gateway.terminate()
        assert await gateway.exit_code() == 0
        assert gateway.process.stderr is not None
        log = (await gateway.process.stderr.read()).decode()

    # Each pause of a second ends in so many tries at most.
    assert log.count("out of system resource") < 500


async def _once_there_is_room(gateway: ServedGateway) -> Reply:
    """Asks until a connection is not refused."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                reply = await gateway.exchange(LIVE)
                if reply.status != 503:
                    return reply
            await asyncio.sleep(0.02)


def _are_open(gateway: ServedGateway, count: int) -> bool:
    return gateway.registry.get_sample_value("mattebox_gateway_connections") == count
