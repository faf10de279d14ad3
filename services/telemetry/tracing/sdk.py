"""Sets OpenTelemetry's SDK up as its variables say, and shuts it down in time.

This module and `sdk_spans` alone import it.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.typing import FilteringBoundLogger

from telemetry import tracing_variables
from telemetry.tracing.errors import TracingError
from telemetry.tracing.library_log import library_log
from telemetry.tracing.sdk_spans import SdkTracer
from telemetry.tracing.spans import Tracer

_LAST_SPANS_S = 3.0
"""How long the spans that are left may take to be sent when the process ends."""
_LETTING_GO_S = 1.0


@dataclass(frozen=True, slots=True)
class Tracing:
    """Tracing that is on."""

    tracer: Tracer
    close: Callable[[], None]


def opened(service_name: str, exporters: Sequence[str], log: FilteringBoundLogger) -> Tracing:
    """Sets up what the variables ask for.

    Raises:
        TracingError: no sense can be made of them.
        ImportError: an exporter is not installed.
    """
    propagator = _propagator()
    try:
        made = [_exporter(name) for name in exporters]
        provider = TracerProvider(resource=_resource(service_name), shutdown_on_exit=False)
        for exporter in made:
            provider.add_span_processor(BatchSpanProcessor(exporter))
    except (ValueError, OSError, KeyError) as error:
        # Its text may quote a variable, in some of which are keys.
        message = f"The variables OTEL_* cannot be made use of: {type(error).__name__}."
        raise TracingError(message) from None
    tracer = SdkTracer(provider.get_tracer("mattebox"), propagator)
    heard = library_log(log)

    def close() -> None:
        _close(provider, made)
        heard.close()

    return Tracing(tracer, close)


def _close(provider: TracerProvider, exporters: Sequence[SpanExporter]) -> None:
    """Sends what is left, as long as that takes a moment; else lets go of the other end.

    The SDK's own patience is half a minute, and longer than that of who waits for the end.
    """
    flush = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
    flush.start()
    flush.join(_LAST_SPANS_S)
    if flush.is_alive():
        for exporter in exporters:
            exporter.shutdown()
        flush.join(_LETTING_GO_S)


def _exporter(name: str) -> SpanExporter:
    if name == "console":
        return ConsoleSpanExporter(out=sys.stdout)
    match tracing_variables.protocol(os.environ):
        case tracing_variables.BY_HTTP:
            from opentelemetry.exporter.otlp.proto.http import trace_exporter as by_http  # noqa: PLC0415

            return by_http.OTLPSpanExporter()
        case tracing_variables.BY_GRPC:
            from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as by_grpc  # noqa: PLC0415

            return by_grpc.OTLPSpanExporter()
        case _:
            raise TracingError("OTEL_EXPORTER_OTLP_PROTOCOL is none of: grpc, http/protobuf.")


def _resource(service_name: str) -> Resource:
    given = OTELResourceDetector().detect().attributes
    return Resource.create({**given, SERVICE_NAME: given.get(SERVICE_NAME) or service_name})


def _propagator() -> TextMapPropagator:
    """What a caller says of a trace; its baggage is none of our business unless we are told so."""
    if not os.environ.get("OTEL_PROPAGATORS"):
        return TraceContextTextMapPropagator()
    try:
        # It reads the variable when it is imported.
        from opentelemetry import propagate  # noqa: PLC0415
    except ValueError:
        raise TracingError("OTEL_PROPAGATORS names what is not installed.") from None
    return propagate.get_global_textmap()
