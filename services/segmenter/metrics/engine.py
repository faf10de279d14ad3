"""The engine: its batches, and whether it can be relied on."""

from collections.abc import Sequence

from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
)
from segmenter.metrics.buckets import SECONDS
from telemetry.declared_metrics import Declarations, Label

_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)

_ERRORS = tuple(
    error.__name__
    for error in (DeadlinePassedError, EngineFailedError, EngineUnavailableError, OverloadedError)
)
_UNFORESEEN = "other"


class EngineMetrics:
    """What is counted of an engine that serves ``models``."""

    def __init__(self, declare: Declarations, models: Sequence[str]) -> None:
        model = Label("model", models, told="names of the networks that are served")
        self._batch_sizes = declare.histogram(
            "batch_size",
            "pictures",
            "Sizes of the batches the engine answered.",
            _BATCH_SIZES,
            model,
        )
        self._batch_seconds = declare.histogram(
            "batch_seconds",
            "seconds",
            "Time of each call of the engine that was answered, its own queue included.",
            SECONDS,
            model,
        )
        self._batch_failures = declare.counter(
            "batch_failures",
            "batches",
            "Batches the engine did not answer, by the kind of error.",
            model,
            Label("error", (*_ERRORS, _UNFORESEEN)),
        )
        self._abandoned = declare.counter(
            "abandoned_pictures",
            "pictures",
            "Pictures that all callers of their batch left, or theirs before there was one.",
            model,
        )
        self.ready = declare.gauge("ready", "0 or 1", "1 while requests can be served, else 0.")
        self._failed_looks = declare.counter(
            "engine_failed_looks",
            "looks",
            "Looks at the engine that found it unable to serve, of one each second.",
        )
        self._losses = declare.counter(
            "engine_losses",
            "losses",
            "How often requests could not be served any more for want of the engine.",
        )

    def batch_finished(self, model: str, size: int, seconds: float) -> None:
        """Counts a batch the engine answered."""
        self._batch_sizes.labels(model).observe(size)
        self._batch_seconds.labels(model).observe(seconds)

    def batch_failed(self, model: str, error: Exception) -> None:
        """Counts a batch the engine did not answer."""
        kind = type(error).__name__
        self._batch_failures.labels(model, kind if kind in _ERRORS else _UNFORESEEN).inc()

    def batch_abandoned(self, model: str, size: int) -> None:
        """Counts the pictures of a batch whose callers all left."""
        self._abandoned.labels(model).inc(size)

    def entry_abandoned(self, model: str) -> None:
        """Counts a picture that left the queue unanswered."""
        self._abandoned.labels(model).inc()

    def look_failed(self) -> None:
        """Counts a look at the engine that found it unable to serve."""
        self._failed_looks.inc()

    def lost(self) -> None:
        """Counts the loss of an engine that served."""
        self._losses.inc()
