"""Every metric of the segmenter, with its unit and meaning."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from segmenter.timings import Stage

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MEGAPIXELS = (0.25, 0.5, 1, 2, 4, 8, 12, 16, 25, 50)
_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Metric objects in a registry of their own. Labels come from closed sets."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._calls = Counter(
            "mattebox_segmenter_calls",
            "gRPC calls answered, by method and status code.",
            ["method", "code"],
            registry=registry,
        )
        self._call_seconds = Histogram(
            "mattebox_segmenter_call_seconds",
            "Time from the arrival of a call to its answer.",
            ["method"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "mattebox_segmenter_stage_seconds",
            "Time of each stage of a finished cut-out, waiting for a processor included.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._megapixels = Histogram(
            "mattebox_segmenter_cut_out_megapixels",
            "Size of finished cut-outs.",
            buckets=_MEGAPIXELS,
            registry=registry,
        )
        self._without_foreground = Counter(
            "mattebox_segmenter_cut_outs_without_foreground",
            "Finished cut-outs in which no subject was found.",
            registry=registry,
        )
        self._batch_sizes = Histogram(
            "mattebox_segmenter_batch_size",
            "Pictures in each batch the engine answered.",
            ["model"],
            buckets=_BATCH_SIZES,
            registry=registry,
        )
        self._batch_failures = Counter(
            "mattebox_segmenter_batch_failures",
            "Batches the engine did not answer, by the kind of error.",
            ["model", "error"],
            registry=registry,
        )
        self._abandoned = Counter(
            "mattebox_segmenter_abandoned_pictures",
            "Pictures that all callers of their batch left, or theirs before there was one.",
            ["model"],
            registry=registry,
        )
        self.ready = Gauge(
            "mattebox_segmenter_ready",
            "1 while requests can be served, else 0.",
            registry=registry,
        )

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Adds a gauge that is read when it is scraped."""
        Gauge(f"mattebox_segmenter_{name}", meaning, registry=self.registry).set_function(read)

    def call_finished(self, method: str, code: str, seconds: float) -> None:
        """Counts an answered call."""
        self._calls.labels(method, code).inc()
        self._call_seconds.labels(method).observe(seconds)

    def cut_out_finished(
        self, timings: Mapping[Stage, float], pixels: int, *, foreground_found: bool
    ) -> None:
        """Counts a finished cut-out."""
        for stage, seconds in timings.items():
            self._stage_seconds.labels(stage.value).observe(seconds)
        self._megapixels.observe(pixels / 1e6)
        if not foreground_found:
            self._without_foreground.inc()

    def batch_finished(self, model: str, size: int) -> None:
        """Counts a batch the engine answered."""
        self._batch_sizes.labels(model).observe(size)

    def batch_failed(self, model: str, error: Exception) -> None:
        """Counts a batch the engine did not answer."""
        self._batch_failures.labels(model, type(error).__name__).inc()

    def batch_abandoned(self, model: str, size: int) -> None:
        """Counts the pictures of a batch whose callers all left."""
        self._abandoned.labels(model).inc(size)

    def entry_abandoned(self, model: str) -> None:
        """Counts a picture that left the queue unanswered."""
        self._abandoned.labels(model).inc()
