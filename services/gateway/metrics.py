"""All metrics of the gateway, declared in one place. Labels come from closed sets only."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.request_state import FinishedRequest

_REQUEST_BUCKETS_S = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_STAGE_BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class GatewayMetrics:
    """The metrics, registered with the registry that is handed in."""

    def __init__(self, registry: CollectorRegistry, reserved_bytes: Callable[[], int]) -> None:
        self._requests = Counter(
            "mattebox_gateway_requests",
            "Requests by route, method, HTTP status and outcome.",
            ("route", "method", "status", "code"),
            registry=registry,
        )
        self._duration = Histogram(
            "mattebox_gateway_request_duration_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ("route",),
            buckets=_REQUEST_BUCKETS_S,
            registry=registry,
        )
        self._stages = Histogram(
            "mattebox_gateway_stage_duration_seconds",
            "Seconds of each stage in the segmenter, as it reports them.",
            ("stage",),
            buckets=_STAGE_BUCKETS_S,
            registry=registry,
        )
        self._refusals = Counter(
            "mattebox_gateway_refusals",
            "Requests refused by the gateway itself, by the reason.",
            ("reason",),
            registry=registry,
        )
        Gauge(
            "mattebox_gateway_in_flight_bytes",
            "Bytes of uploads and answers held now.",
            registry=registry,
        ).set_function(reserved_bytes)

    def count_request(self, request: FinishedRequest) -> None:
        """Counts a request when its answer has been delivered, or cannot be any more."""
        code = request.outcome.code
        internal = request.status == HTTPStatus.INTERNAL_SERVER_ERROR
        self._requests.labels(request.route, request.method, str(request.status), code).inc()
        self._duration.labels(request.route).observe(request.duration_s)
        if request.outcome.origin == "gateway" and not internal:
            self._refusals.labels(code).inc()

    def observe_stages(self, stages_s: Mapping[str, float]) -> None:
        """Records the seconds of each stage of one image."""
        for stage, duration_s in stages_s.items():
            self._stages.labels(stage).observe(duration_s)
