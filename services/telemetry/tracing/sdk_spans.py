"""Spans of OpenTelemetry's SDK."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import Token
from types import TracebackType
from typing import Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import TextMapPropagator

from telemetry.tracing.attributes import ATTRIBUTES, Name
from telemetry.tracing.spans import CURRENT, Kind, Span, Tracer, Value

_STATE = "tracestate"
_LONGEST_STATE = 512
"""The standard demands no more, and gRPC refuses calls with some thousand bytes beside them."""


class SdkTracer(Tracer):
    """Begins spans that are sent to somebody."""

    def __init__(self, tracer: trace.Tracer, propagator: TextMapPropagator) -> None:
        self.tracer = tracer
        self.propagator = propagator

    def serve(self, name: str, headers: Mapping[str, str]) -> Span:
        """See `Tracer.serve`."""
        if len(headers.get(_STATE, "")) > _LONGEST_STATE:
            others = self.propagator.fields - {_STATE}
            headers = {name: headers[name] for name in others if name in headers}
        context = self.propagator.extract(headers, Context())
        return self.begun(name, Kind.SERVER, context, {}, ())

    def begun(
        self,
        name: str,
        kind: Kind,
        context: Context,
        attributes: Mapping[str, Value],
        links: Sequence[trace.Link],
    ) -> "SdkSpan":
        """Begins a span; its parent is the one in ``context``."""
        span = self.tracer.start_span(
            name,
            context,
            trace.SpanKind[kind.name],
            _allowed(attributes),
            links,
        )
        return SdkSpan(self, span, trace.set_span_in_context(span, context))


class SdkSpan(Span):
    """A span of OpenTelemetry's. One that is not sampled only hands on that it is not."""

    __slots__ = ("_before", "_context", "_span", "_tracer")

    def __init__(self, tracer: SdkTracer, span: trace.Span, context: Context) -> None:
        self._tracer = tracer
        self._span = span
        self._context = context
        self._before: Token[Span] | None = None

    @property
    def is_recorded(self) -> bool:
        """See `Span.is_recorded`."""
        return self._span.is_recording()

    @property
    def trace_id(self) -> str | None:
        """See `Span.trace_id`."""
        told = self._span.get_span_context()
        return trace.format_trace_id(told.trace_id) if told.trace_flags.sampled else None

    def headers(self) -> dict[str, str]:
        """See `Span.headers`."""
        headers: dict[str, str] = {}
        self._tracer.propagator.inject(headers, self._context)
        return headers

    def child(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] | None = None,
        members: Sequence[Span] = (),
    ) -> Span:
        """See `Span.child`."""
        if self.trace_id is None:
            return SdkSpan(self._tracer, self._span, self._context)
        linked = [member._span for member in members if isinstance(member, SdkSpan)]  # noqa: SLF001
        links = [trace.Link(member.get_span_context()) for member in linked]
        child = self._tracer.begun(name, kind, self._context, attributes or {}, links)
        for member in linked:
            member.add_link(child._span.get_span_context())  # noqa: SLF001
        return child

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """See `Span.tell`."""
        if self._span.is_recording():
            self._span.set_attributes(_allowed(attributes))

    def fail(self, code: str, *, ours: bool) -> None:
        """See `Span.fail`."""
        self.tell({Name.ERROR_TYPE: code})
        if ours and self._span.is_recording():
            self._span.set_status(trace.StatusCode.ERROR)

    def end(self) -> None:
        """See `Span.end`."""
        # The SDK complains of spans that are ended twice.
        if self._span.is_recording():
            self._span.end()

    def __enter__(self) -> Self:
        self._before = CURRENT.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        before, self._before = self._before, None
        if before is not None:
            # Where a task was thrown away, its end comes in another context.
            with suppress(ValueError):
                CURRENT.reset(before)
        self.end()


def _allowed(attributes: Mapping[str, Value]) -> dict[str, str | int | float]:
    return {
        str(name): value
        for name, value in attributes.items()
        if name in ATTRIBUTES and value is not None
    }
