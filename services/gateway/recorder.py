"""Records finished requests: in log, metrics and span, and as usage where due."""

from collections.abc import Callable, Container, Mapping
from dataclasses import asdict

from structlog.typing import FilteringBoundLogger

from gateway import tracing
from gateway.metrics import GatewayMetrics
from gateway.request_state import FinishedRequest
from telemetry.tracing import Span


class Recorder:
    """Records requests; those to ``probe_routes`` that went well are debug lines only.

    ``count_usage`` is told the key id and the pixels of each picture that is to be metered.
    """

    def __init__(
        self,
        log: FilteringBoundLogger,
        metrics: GatewayMetrics,
        count_usage: Callable[[str, int], None],
        probe_routes: Container[str],
    ) -> None:
        self._log = log
        self._metrics = metrics
        self._count_usage = count_usage
        self._probe_routes = probe_routes

    def record(self, request: FinishedRequest, span: Span) -> None:
        """Records one request, which ``span`` is that of."""
        # First of all: what else is told may fail, and the picture is delivered all the same.
        self._meter(request)
        self._metrics.requests.finished(request)
        tracing.tell(span, request)
        outcome = request.outcome
        quiet = outcome.code == "ok" and request.route in self._probe_routes
        write = self._log.debug if quiet else self._log.info
        write(
            "request",
            request_id=request.request_id,
            trace_id=span.trace_id,
            key_fingerprint=request.caller.fingerprint if request.caller else None,
            dialect=request.dialect,
            method=request.method,
            route=request.route,
            status=request.status,
            code=outcome.code,
            origin=outcome.origin,
            detail=outcome.detail,
            bytes_in=request.bytes_in,
            bytes_out=request.bytes_out,
            duration_ms=round(request.duration_s * 1000, 1),
            stages_ms=_stages_ms(request.stages_s),
            **({} if request.picture is None else asdict(request.picture)),
        )

    def _meter(self, request: FinishedRequest) -> None:
        caller, pixels = request.caller, request.served_pixels
        if caller is not None and caller.metered and pixels is not None:
            self._count_usage(caller.key_id, pixels)


def _stages_ms(stages_s: Mapping[str, float]) -> dict[str, float] | None:
    return {stage: round(seconds * 1000, 1) for stage, seconds in stages_s.items()} or None
