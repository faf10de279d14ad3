"""Tritons that have been replaced by others, at other addresses of their name."""

import asyncio

import grpc
from tritonclient.grpc import service_pb2_grpc

from segmenter.inference.triton import TritonEngine
from tests.unit.gateway.fetch.nameserver import running_nameserver
from tests.unit.segmenter.inference.fake_triton import FakeTriton

_SOONER_THAN_GRPC_WOULD_S = 20.0
"""By itself it asks for a name once in half a minute."""


async def test_a_name_is_asked_for_again_although_it_was_a_moment_ago() -> None:
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(FakeTriton(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with running_nameserver() as nameserver:
        nameserver.say("triton.test", ["127.0.0.2"], ["127.0.0.1"])
        host, dns_port = nameserver.endpoint
        engine = TritonEngine(f"dns://{host}:{dns_port}/triton.test:{port}")
        try:
            async with asyncio.timeout(_SOONER_THAN_GRPC_WOULD_S):
                while not await engine.ready("toy"):
                    await asyncio.sleep(0.05)
        finally:
            await engine.close()
            await server.stop(None)

    assert nameserver.asked("triton.test") > 1
