"""The balancer, before small gateways."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from benchmarks.fleet.balancer import Balancer


class Gateway:
    """Answers each line with its name, and probes with its readiness."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.status = b"200 OK"
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            is_probe = line.startswith(b"GET /v2/health/ready")
            writer.write(b"HTTP/1.1 " + self.status if is_probe else self.name)
            writer.write(b"\n")
        writer.close()


@pytest.fixture
async def gateways() -> AsyncIterator[tuple[Gateway, Gateway]]:
    started = (Gateway(b"first"), Gateway(b"second"))
    async with AsyncExitStack() as stack:
        for gateway in started:
            server = await asyncio.start_server(gateway.answer, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            gateway.port = server.sockets[0].getsockname()[1]
        yield started


@pytest.fixture
async def balancer(gateways: tuple[Gateway, Gateway]) -> AsyncIterator[Balancer]:
    balancer = Balancer()
    await balancer.start()
    for gateway in gateways:
        await balancer.add(gateway.port)
    yield balancer
    await balancer.close()


async def ask(balancer: Balancer) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", await balancer.port())
    writer.write(b"who?\n")
    try:
        return (await reader.readline()).strip()
    except ConnectionError:
        return b"nobody"
    finally:
        writer.close()


async def test_new_connections_go_to_all_that_are_ready_in_turn(balancer: Balancer) -> None:
    assert sorted([await ask(balancer) for _ in range(4)]) == [b"first"] * 2 + [b"second"] * 2


async def test_one_that_is_taken_out_gets_no_new_ones_and_keeps_its_old_ones(
    balancer: Balancer, gateways: tuple[Gateway, Gateway]
) -> None:
    open_ones = [
        await asyncio.open_connection("127.0.0.1", await balancer.port()) for _ in range(2)
    ]

    await balancer.remove(gateways[0].port)

    assert {await ask(balancer) for _ in range(4)} == {b"second"}
    names = set()
    for reader, writer in open_ones:
        writer.write(b"who?\n")
        names.add((await reader.readline()).strip())
        writer.close()
    assert names == {b"first", b"second"}


async def test_one_that_says_it_is_not_ready_gets_none(
    balancer: Balancer, gateways: tuple[Gateway, Gateway]
) -> None:
    gateways[1].status = b"503 Service Unavailable"
    async with asyncio.timeout(30):
        while gateways[1].port in await balancer.ready_ports():
            await asyncio.sleep(0.01)

    assert {await ask(balancer) for _ in range(4)} == {b"first"}


async def test_without_any_connections_are_reset(
    balancer: Balancer, gateways: tuple[Gateway, Gateway]
) -> None:
    for gateway in gateways:
        await balancer.remove(gateway.port)

    assert await ask(balancer) == b"nobody"
