"""All metrics of the gateway, declared in one place. Labels come from closed sets only."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.request_state import FinishedRequest

_REQUEST_BUCKETS_S = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_STAGE_BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class GatewayMetrics:
    """The metrics, registered with the registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "mattebox_gateway_requests",
            "Requests by dialect, route, method, HTTP status and outcome.",
            ("dialect", "route", "method", "status", "code"),
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
        self._images = Counter(
            "mattebox_gateway_images", "Pictures delivered, of all keys.", registry=registry
        )
        self._pixels = Counter(
            "mattebox_gateway_pixels", "Pixels of the pictures delivered.", registry=registry
        )
        self._fetches = Counter(
            "mattebox_gateway_fetches",
            "Downloads of image_url, by how they ended.",
            ("outcome",),
            registry=registry,
        )
        self._limiter_fallbacks = Counter(
            "mattebox_gateway_limiter_fallbacks",
            "Requests and answers counted locally, since the shared counter did not answer.",
            registry=registry,
        )
        self._stale_keys = Counter(
            "mattebox_gateway_stale_keys",
            "Keys taken as they were read before, since the database did not answer.",
            registry=registry,
        )
        self._usage_failures = Counter(
            "mattebox_gateway_usage_write_failures",
            "Writes of usage that failed; what they held is written later.",
            registry=registry,
        )
        self._turned_away = Counter(
            "mattebox_gateway_connections_turned_away",
            "Connections closed for want of room: refused, or idle ones that made it.",
            ("reason",),
            registry=registry,
        )
        self._connections = Gauge(
            "mattebox_gateway_connections",
            "Connections open now on the public port.",
            registry=registry,
        )
        self._held_bytes = Gauge(
            "mattebox_gateway_in_flight_bytes",
            "Bytes of uploads and answers held now.",
            registry=registry,
        )
        self._limiter_degraded = Gauge(
            "mattebox_gateway_limiter_degraded",
            "Whether rates are counted locally now, though a shared counter is set.",
            registry=registry,
        )
        self._results_bytes = Gauge(
            "mattebox_gateway_results_bytes",
            "Bytes of results that are kept for their URLs, as of the last one kept where shared.",
            registry=registry,
        )
        self._results_down = Gauge(
            "mattebox_gateway_results_down",
            "Whether the server that keeps results did not answer last.",
            registry=registry,
        )

    def watch(
        self,
        reserved_bytes: Callable[[], int],
        limiter_degraded: Callable[[], bool],
        open_connections: Callable[[], int],
        results_bytes: Callable[[], int],
        results_down: Callable[[], bool],
    ) -> None:
        """Reads states off when the metrics are asked for."""
        self._connections.set_function(open_connections)
        self._held_bytes.set_function(reserved_bytes)
        self._limiter_degraded.set_function(limiter_degraded)
        self._results_bytes.set_function(results_bytes)
        self._results_down.set_function(results_down)

    def count_request(self, request: FinishedRequest) -> None:
        """Counts a request when its answer has been delivered, or cannot be any more."""
        code = request.outcome.code
        internal = request.status == HTTPStatus.INTERNAL_SERVER_ERROR
        self._requests.labels(
            request.dialect, request.route, request.method, str(request.status), code
        ).inc()
        self._duration.labels(request.route).observe(request.duration_s)
        if request.outcome.origin == "gateway" and not internal:
            self._refusals.labels(code).inc()
        if request.served_pixels is not None:
            self._images.inc()
            self._pixels.inc(request.served_pixels)

    def observe_stages(self, stages_s: Mapping[str, float]) -> None:
        """Records the seconds of each stage of one image."""
        for stage, duration_s in stages_s.items():
            self._stages.labels(stage).observe(duration_s)

    def count_connection_turned_away(self, reason: str) -> None:
        """Counts a connection closed for want of room."""
        self._turned_away.labels(reason).inc()

    def count_fetch(self, outcome: str) -> None:
        """Counts a download of image_url."""
        self._fetches.labels(outcome).inc()

    def count_limiter_fallback(self) -> None:
        """Counts one use of the local limits."""
        self._limiter_fallbacks.inc()

    def count_stale_key(self) -> None:
        """Counts one key that could not be looked up anew."""
        self._stale_keys.inc()

    def count_usage_failure(self) -> None:
        """Counts one failed write of usage."""
        self._usage_failures.inc()
