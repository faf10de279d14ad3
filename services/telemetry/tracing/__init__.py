"""Traces of requests, for whoever asks for them. OpenTelemetry is imported then, and only then."""

from telemetry.tracing.attributes import ATTRIBUTES, Name
from telemetry.tracing.errors import TracingError
from telemetry.tracing.opening import open_tracing
from telemetry.tracing.spans import NO_SPAN, OFF, Kind, Span, Tracer, Value, current, joint, step

__all__ = [
    "ATTRIBUTES",
    "NO_SPAN",
    "OFF",
    "Kind",
    "Name",
    "Span",
    "Tracer",
    "TracingError",
    "Value",
    "current",
    "joint",
    "open_tracing",
    "step",
]
