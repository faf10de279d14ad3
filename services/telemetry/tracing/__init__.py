"""Traces of requests, for whoever asks for them. OpenTelemetry is imported then, and only then."""

from telemetry.tracing.attributes import ATTRIBUTES, Name
from telemetry.tracing.calls import CANCELLED, OK, answered_call, begun_call, end_call
from telemetry.tracing.errors import TracingError
from telemetry.tracing.opening import open_tracing
from telemetry.tracing.spans import NO_SPAN, OFF, Kind, Span, Tracer, Value, current, joint, step

__all__ = [
    "ATTRIBUTES",
    "CANCELLED",
    "NO_SPAN",
    "OFF",
    "OK",
    "Kind",
    "Name",
    "Span",
    "Tracer",
    "TracingError",
    "Value",
    "answered_call",
    "begun_call",
    "current",
    "end_call",
    "joint",
    "open_tracing",
    "step",
]
