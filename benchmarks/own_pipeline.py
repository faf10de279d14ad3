"""The segmenter's pipeline in this process, put together as the segmenter does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from segmenter.admission import Admission, AdmissionLimits
from segmenter.cpu_pool import CpuPool
from segmenter.decoder import Decoder
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.limits import ImageLimits
from segmenter.inference.batch import BatchObserver
from segmenter.inference.batcher import BatchPolicy
from segmenter.inference.engine import Engine
from segmenter.inference.in_process import InProcessEngine
from segmenter.inference.triton import TritonEngine
from segmenter.pipeline import Pipeline
from segmenter.served_models import ServedModels
from segmenter.settings import EngineKind, SegmenterSettings
from segmenter.sight import Sight

_ADMISSION = AdmissionLimits(
    budget_px=100_000_000,
    max_waiting=1,
    max_waiting_px=100_000_000,
    max_held_bytes=2**28,
    max_wait_s=60.0,
)


class Unobserved:
    """What batchers tell of themselves, for nobody: what fails is raised anyway."""

    def batch_finished(self, model: str, size: int, seconds: float) -> None:
        """See `BatchObserver`."""

    def batch_failed(self, model: str, error: Exception) -> None:
        """See `BatchObserver`."""

    def batch_abandoned(self, model: str, size: int) -> None:
        """See `BatchObserver`."""

    def entry_abandoned(self, model: str) -> None:
        """See `BatchObserver`."""


@asynccontextmanager
async def own_pipeline(
    settings: SegmenterSettings,
    observer: BatchObserver,
    wrapped: Callable[[Engine], Engine] = lambda engine: engine,
) -> AsyncIterator[Pipeline]:
    """Opens the pipeline that a segmenter of these settings has, for one picture after another.

    Args:
        settings: the segmenter's.
        observer: is told of batches.
        wrapped: what stands in place of the engine.

    Raises:
        SegmenterError: a model is not installed, or cannot be used.
    """
    limits = ImageLimits(**settings.image.model_dump())
    pool = CpuPool(settings.cpu.threads)
    decoder = Decoder(pool, limits, GuardLimits(**settings.guard.model_dump()))
    models = ServedModels(
        settings.engine.models,
        wrapped(_engine(settings)),
        BatchPolicy(
            settings.quality.runs_at_a_time, settings.batch.max_running, settings.batch.max_size
        ),
        observer,
    )
    try:
        await models.prove()
        sight = Sight(models, pool, settings.quality)
        yield Pipeline(decoder, Admission(_ADMISSION), sight, pool, limits)
    finally:
        await models.close()
        await decoder.close()
        pool.close()


def _engine(settings: SegmenterSettings) -> Engine:
    match settings.engine.kind:
        case EngineKind.TRITON:
            return TritonEngine(settings.engine.triton_target)
        case EngineKind.ONNXRUNTIME:
            engine = settings.engine
            return InProcessEngine(engine.model_repository, engine.threads, settings.cpu_runtime)
