"""States, each beside its limit where it has one; most are read when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from telemetry.declared_metrics import Declarations


@dataclass(frozen=True, slots=True)
class Readings:
    """Where states are read, from whatever thread asks for them."""

    ready: Callable[[], bool]
    connections: Callable[[], int]
    in_flight_bytes: Callable[[], int]
    limiter_degraded: Callable[[], bool]
    results_bytes: Callable[[], int]
    results_down: Callable[[], bool]
    event_loop_lag_s: Callable[[], float]


class StateMetrics:
    """Gauges. They are 0 until there is something to read."""

    def __init__(self, declare: Declarations) -> None:
        gauge = declare.gauge
        self._ready = gauge("ready", "0 or 1", "1 while requests are taken, 0 once it stops.")
        self._segmenter_serving = gauge(
            "segmenter_serving", "0 or 1", "Whether a segmenter is connected that says it serves."
        )
        self._connections = gauge(
            "connections", "connections", "Connections open now on the public port."
        )
        self._max_connections = gauge(
            "max_connections", "connections", "Most connections on the public port at a time."
        )
        self._held_bytes = gauge(
            "in_flight_bytes", "bytes", "Bytes of uploads and answers held now."
        )
        self._budget = gauge(
            "budget_bytes", "bytes", "Most bytes of uploads and answers held at a time."
        )
        self._limiter_degraded = gauge(
            "limiter_degraded",
            "0 or 1",
            "Whether rates are counted locally now, though a shared counter is set.",
        )
        self._results_bytes = gauge(
            "results_bytes",
            "bytes",
            "Results that are kept for their URLs, as of the last one kept where shared.",
        )
        self._results_down = gauge(
            "results_down", "0 or 1", "Whether the server that keeps results did not answer last."
        )
        self._lag = gauge(
            "event_loop_lag_seconds",
            "seconds",
            "Longest time in the last half minute that the event loop was late by.",
        )

    def limits(self, *, budget_bytes: int, max_connections: int) -> None:
        """Tells what the states may come to."""
        self._budget.set(budget_bytes)
        self._max_connections.set(max_connections)

    def segmenter_serving(self, *, serving: bool) -> None:
        """Tells whether there is a segmenter, which only the event loop may ask."""
        self._segmenter_serving.set(serving)

    def watch(self, readings: Readings) -> None:
        """Reads states off from now on."""
        self._ready.set_function(readings.ready)
        self._connections.set_function(readings.connections)
        self._held_bytes.set_function(readings.in_flight_bytes)
        self._limiter_degraded.set_function(readings.limiter_degraded)
        self._results_bytes.set_function(readings.results_bytes)
        self._results_down.set_function(readings.results_down)
        self._lag.set_function(readings.event_loop_lag_s)
