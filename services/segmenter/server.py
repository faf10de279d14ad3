"""The composition root: builds every part in the order of their dependencies, and runs them."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from structlog.typing import FilteringBoundLogger

from mattebox.segmenter.v1 import segmenter_pb2, segmenter_pb2_grpc
from segmenter.admission import Admission, AdmissionLimits
from segmenter.cpu_pool import CpuPool
from segmenter.decoder import Decoder
from segmenter.engine_watch import EngineWatch
from segmenter.guarded.limits import GuardLimits
from segmenter.health import HealthMonitor
from segmenter.imaging.limits import ImageLimits
from segmenter.inference.batcher import BatchPolicy
from segmenter.inference.engine import Engine
from segmenter.inference.in_process import InProcessEngine
from segmenter.inference.triton import TritonEngine
from segmenter.interceptors import CallInterceptor
from segmenter.memory import MemoryTrimmer
from segmenter.metrics import Metrics
from segmenter.pipeline import Pipeline
from segmenter.served_models import ServedModels
from segmenter.servicer import SegmenterServicer
from segmenter.settings import EngineKind, GrpcSettings, SegmenterSettings
from segmenter.sight import Sight
from segmenter.tracing import TracingInterceptor
from segmenter.transport import listen
from telemetry.tracing import OFF, Tracer

_LONGEST_ANSWER_MS = 3_600_000


class SegmenterServer:
    """The whole service in the running event loop.

    Raises:
        ImportError: the demanded engine is not installed.
        CertificateError: the files of TLS towards the engine cannot be used.
    """

    def __init__(
        self,
        settings: SegmenterSettings,
        metrics: Metrics,
        log: FilteringBoundLogger,
        on_ready: Callable[[], None] = lambda: None,
        tracer: Tracer = OFF,
    ) -> None:
        """Builds it; `on_ready` is called whenever requests begin to be served."""
        self._settings = settings
        self._log = log
        limits = ImageLimits(**settings.image.model_dump())
        watch = EngineWatch(metrics.engine)
        self._pool = CpuPool(settings.cpu.threads)
        pictures = metrics.pictures
        guard = GuardLimits(**settings.guard.model_dump())
        self._decoder = Decoder(self._pool, limits, guard, pictures.decoder_ended)
        admission_limits = _admission_limits(settings)
        self._admission = admission = Admission(admission_limits, pictures.begun)
        self._memory = MemoryTrimmer(
            settings.memory.keep_mb * 1_000_000, idle_s=lambda: admission.idle_s
        )
        self._models = ServedModels(
            settings.engine.models,
            _engine(settings),
            _batch_policy(settings, is_lone=lambda: admission.in_sight <= 1),
            watch,
        )
        sight = Sight(self._models, self._pool, settings.quality)

        def ready_changed(ready: bool) -> None:
            metrics.engine.ready.set(ready)
            if ready:
                on_ready()

        self._health = HealthMonitor(self._models, watch, ready_changed, log)
        self._server = grpc.aio.server(
            interceptors=[TracingInterceptor(tracer), CallInterceptor(metrics, log)],
            options=_channel_options(settings.grpc),
        )
        segmenter_pb2_grpc.add_SegmenterServiceServicer_to_server(
            SegmenterServicer(
                Pipeline(self._decoder, self._admission, sight, self._pool, limits),
                self._models,
                default_deadline_s=settings.grpc.default_deadline_s,
                max_unanswered_items=settings.grpc.max_unanswered_items,
            ),
            self._server,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health.servicer, self._server)
        if settings.grpc.reflection:
            reflection.enable_server_reflection(_service_names(), self._server)
        metrics.queues.watch(admission, admission_limits, self._models)

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return self._health.ready

    async def start(self) -> int:
        """Listens, not serving yet: health says when. Returns the port.

        Raises:
            RuntimeError: the address is taken.
            CertificateError: the files of TLS cannot be used.
        """
        self._health.start()
        self._memory.start()
        port = listen(self._server, self._settings.grpc, self._log)
        await self._server.start()
        self._log.info("listening", port=port, engine=self._settings.engine.kind.value)
        return port

    async def stop(self) -> None:
        """Says "not serving", finishes what is in flight, then lets go of everything."""
        await self._health.stop()
        await asyncio.sleep(self._settings.grpc.drain_delay_s)
        await self._server.stop(self._settings.grpc.drain_grace_s)
        await self._memory.stop()
        await self._models.close()
        await self._decoder.close()
        self._pool.close()
        self._log.info("stopped")


def _engine(settings: SegmenterSettings) -> Engine:
    match settings.engine.kind:
        case EngineKind.TRITON:
            engine = settings.engine
            return TritonEngine(engine.triton_target, engine.triton_tls, engine.triton_tls_name)
        case EngineKind.ONNXRUNTIME:
            return _in_process_engine(settings)


def _in_process_engine(settings: SegmenterSettings) -> Engine:
    """Makes the engine whose libraries a segmenter in front of Triton is installed without."""
    if find_spec("onnxruntime") is None:
        raise ImportError(
            "The engine onnxruntime is not installed; `pip install 'mattebox[models]'`."
        )
    engine = settings.engine
    return InProcessEngine(engine.model_repository, engine.threads, settings.cpu_runtime)


def _batch_policy(settings: SegmenterSettings, is_lone: Callable[[], bool]) -> BatchPolicy:
    # No picture costs less than a megapixel, so no more than that many are ever admitted.
    max_queued = settings.admission.budget_mp * settings.quality.runs_at_a_time
    return BatchPolicy(max_queued, settings.batch.max_running, settings.batch.max_size, is_lone)


def _admission_limits(settings: SegmenterSettings) -> AdmissionLimits:
    section = settings.admission
    return AdmissionLimits(
        budget_px=section.budget_mp * 1_000_000,
        max_waiting=section.max_waiting,
        max_waiting_px=section.max_waiting_mp * 1_000_000,
        max_held_bytes=section.max_held_bytes,
        max_wait_s=section.max_wait_s,
    )


def _channel_options(settings: GrpcSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        # Two servers on one port would share its calls without anybody noticing.
        ("grpc.so_reuseport", 0),
        # Gateways ping every five seconds, to find out about one that is frozen.
        ("grpc.http2.min_ping_interval_without_data_ms", 2_500),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_connection_age_ms", round(settings.max_connection_age_s * 1000)),
        # An old connection lives on as long as a slow reader may take to fetch an answer.
        ("grpc.max_connection_age_grace_ms", _LONGEST_ANSWER_MS),
        # A caller that has vanished must not hold its answer.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.ping_timeout_ms", 10_000),
    ]


def _service_names() -> tuple[str, ...]:
    return (
        segmenter_pb2.DESCRIPTOR.services_by_name["SegmenterService"].full_name,
        health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
        reflection.SERVICE_NAME,
    )
