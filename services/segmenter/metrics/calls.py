"""Calls, whatever they ask for."""

from segmenter.metrics.buckets import SECONDS
from telemetry.declared_metrics import Declarations, Label

_METHODS = (
    "RemoveBackground",
    "RemoveBackgroundChunked",
    "StreamRemoveBackground",
    "CheckAdmission",
    "ListModels",
)
_CODES = (
    "OK",
    "CANCELLED",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "INTERNAL",
)


class CallMetrics:
    """What is counted of calls."""

    def __init__(self, declare: Declarations) -> None:
        method = Label("method", _METHODS)
        self._calls = declare.counter(
            "calls",
            "calls",
            "Calls answered, by method and status code; CANCELLED where the caller left.",
            method,
            Label("code", _CODES),
        )
        self._call_seconds = declare.histogram(
            "call_seconds",
            "seconds",
            "Time from the arrival of a call to its answer.",
            SECONDS,
            method,
        )

    def finished(self, method: str, code: str, seconds: float) -> None:
        """Counts an answered call."""
        self._calls.labels(method, code).inc()
        self._call_seconds.labels(method).observe(seconds)
