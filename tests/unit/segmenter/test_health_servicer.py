"""`grpc.health.v1`, asked over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from segmenter.health_servicer import HealthServicer

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


@pytest.fixture
def servicer() -> HealthServicer:
    return HealthServicer(("", "readiness"))


@pytest.fixture
async def server(servicer: HealthServicer) -> AsyncIterator[tuple[grpc.aio.Server, Any]]:
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, health_pb2_grpc.HealthStub(channel)
    await server.stop(None)


def asked(name: str) -> health_pb2.HealthCheckRequest:
    return health_pb2.HealthCheckRequest(service=name)


async def test_nothing_serves_before_it_is_said_to(
    servicer: HealthServicer, server: tuple[grpc.aio.Server, Any]
) -> None:
    stub = server[1]
    assert (await stub.Check(asked(""))).status == NOT_SERVING
    servicer.set("", serving=True)
    assert (await stub.Check(asked(""))).status == SERVING
    assert (await stub.Check(asked("readiness"))).status == NOT_SERVING


async def test_an_unknown_name_is_not_found(server: tuple[grpc.aio.Server, Any]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await server[1].Check(asked("no such"))
    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_of_an_unknown_name_is_told_so(
    server: tuple[grpc.aio.Server, Any],
) -> None:
    assert (await server[1].Watch(asked("no such")).read()).status == UNKNOWN


async def test_every_watcher_hears_of_every_change_also_when_another_left(
    servicer: HealthServicer, server: tuple[grpc.aio.Server, Any]
) -> None:
    stub = server[1]
    leaving, staying = stub.Watch(asked("")), stub.Watch(asked(""))
    assert (await leaving.read()).status == NOT_SERVING
    assert (await staying.read()).status == NOT_SERVING
    leaving.cancel()
    servicer.set("", serving=True)
    assert (await staying.read()).status == SERVING
    servicer.set("", serving=False)
    assert (await staying.read()).status == NOT_SERVING


async def test_watches_end_with_the_service_and_do_not_hold_up_its_stop(
    servicer: HealthServicer, server: tuple[grpc.aio.Server, Any]
) -> None:
    watch = server[1].Watch(asked(""))
    assert (await watch.read()).status == NOT_SERVING
    servicer.end_watches()
    assert await watch.read() is grpc.aio.EOF
    async with asyncio.timeout(10):
        await server[0].stop(grace=60)
