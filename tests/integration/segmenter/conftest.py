"""A whole segmenter on a real socket, with the in-process engine and a small network."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image, ImageDraw
from prometheus_client import CollectorRegistry

from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.metrics import Metrics
from segmenter.server import SegmenterServer
from segmenter.settings import EngineKind, EngineSettings, GrpcSettings, SegmenterSettings
from telemetry.logs import open_log
from telemetry.tracing import OFF
from tests.integration.segmenter import red_network

SERVING = health_pb2.HealthCheckResponse.SERVING
_OPTIONS = [("grpc.max_receive_message_length", 256 * 2**20)]


@dataclass(frozen=True, slots=True)
class Segmenter:
    """A running service, and what tests ask it by."""

    server: SegmenterServer
    port: int
    metrics: Metrics
    log: io.StringIO
    channel: grpc.aio.Channel
    stub: Any
    health: Any

    async def await_serving(self) -> None:
        """Returns when health says SERVING."""
        request = health_pb2.HealthCheckRequest(service="readiness")
        async for answer in self.health.Watch(request):
            if answer.status == SERVING:
                return

    def sample(self, name: str, **labels: str) -> float:
        """Reads a metric; 0 where it has never been touched."""
        return self.metrics.registry.get_sample_value(f"mattebox_segmenter_{name}", labels) or 0.0


StartSegmenter = Callable[..., Awaitable[Segmenter]]


@pytest.fixture
def red_repository(tmp_path: Path) -> Path:
    red_network.install(tmp_path / "repository")
    return tmp_path / "repository"


@pytest.fixture
async def start_segmenter(red_repository: Path) -> AsyncIterator[StartSegmenter]:
    """Starts a segmenter; sections of its settings may be given by name."""
    running: list[Segmenter] = []
    install_pillow_limits(ImageLimits())

    async def start(**sections: Any) -> Segmenter:
        repository = sections.pop("repository", red_repository)
        models = sections.pop("models", (red_network.NAME,))
        grpc_fields = sections.pop("grpc", {})
        tracer = sections.pop("tracer", OFF)
        settings = SegmenterSettings(
            grpc=GrpcSettings(port=0, **grpc_fields),
            engine=EngineSettings(
                kind=EngineKind.ONNXRUNTIME,
                model_repository=repository,
                models=models,
                threads=1,
            ),
            **sections,
        )
        log = io.StringIO()
        metrics = Metrics(CollectorRegistry(), "onnxruntime", models)
        server = SegmenterServer(settings, metrics, open_log("info", "json", log), tracer=tracer)
        port = await server.start()
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)
        stub, health = SegmenterServiceStub(channel), health_pb2_grpc.HealthStub(channel)
        running.append(Segmenter(server, port, metrics, log, channel, stub, health))
        return running[-1]

    yield start
    for segmenter in running:
        await segmenter.channel.close()
        await segmenter.server.stop()


@pytest.fixture
async def segmenter(start_segmenter: StartSegmenter) -> Segmenter:
    started = await start_segmenter()
    await started.await_serving()
    return started


def red_ball(width: int = 120, height: int = 80, **save: Any) -> bytes:
    """An encoded picture of a red ball on black, PNG unless told otherwise."""
    picture = Image.new("RGB", (width, height))
    box = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    ImageDraw.Draw(picture).ellipse(box, fill=(255, 60, 30))
    buffer = io.BytesIO()
    picture.save(buffer, **{"format": "PNG", **save})
    return buffer.getvalue()
