"""Records finished requests: one line in the log and one count in the metrics for each."""

from collections.abc import Container

from structlog.typing import FilteringBoundLogger

from gateway.metrics import GatewayMetrics
from gateway.request_state import FinishedRequest


class Recorder:
    """Records requests; those to ``probe_routes`` that went well are debug lines only."""

    def __init__(
        self, log: FilteringBoundLogger, metrics: GatewayMetrics, probe_routes: Container[str]
    ) -> None:
        self._log = log
        self._metrics = metrics
        self._probe_routes = probe_routes

    def record(self, request: FinishedRequest) -> None:
        """Records one request."""
        self._metrics.count_request(request)
        outcome = request.outcome
        quiet = outcome.code == "ok" and request.route in self._probe_routes
        write = self._log.debug if quiet else self._log.info
        write(
            "request",
            request_id=request.request_id,
            key_fingerprint=request.key_fingerprint,
            method=request.method,
            route=request.route,
            status=request.status,
            code=outcome.code,
            origin=outcome.origin,
            detail=outcome.detail,
            bytes_in=request.bytes_in,
            bytes_out=request.bytes_out,
            duration_ms=round(request.duration_s * 1000, 1),
        )
