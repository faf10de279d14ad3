import asyncio
import sys
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

from gateway.segmenter_client import SegmenterClient
from gateway.settings import SegmenterSettings
from telemetry.logs import open_log


class CountingHealth(health_aio.HealthServicer):
    """Says it is ready, and counts the connections that ask to be told of changes."""

    watches = 0

    async def Watch(self, request: Any, context: Any) -> None:  # noqa: N802  the protocol's name
        self.watches += 1
        await super().Watch(request, context)


async def test_a_connection_that_is_renewed_is_no_outage() -> None:
    health = CountingHealth()
    server = grpc.aio.server(options=[("grpc.max_connection_age_ms", 100)])
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await health.set("readiness", health_pb2.HealthCheckResponse.SERVING)
    await server.start()
    settings = SegmenterSettings(target=f"127.0.0.1:{port}")
    log = open_log("info", "json", sys.stderr)
    client = SegmenterClient(settings, lambda _: None, lambda *_: None, log)

    async with asyncio.timeout(20):
        while not client.serving():
            await asyncio.sleep(0)
        answers = set()
        while health.watches < 4:
            answers.add(client.serving())
            await asyncio.sleep(0)

    await client.close()
    await server.stop(grace=None)
    assert answers == {True}
