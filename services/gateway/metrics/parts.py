"""What single parts of the gateway have to tell."""

from gateway.accounts.rate_limits import Decision
from gateway.connections import Turned
from gateway.fetch.outcomes import Outcome
from telemetry.declared_metrics import Declarations, Label


class PartMetrics:
    """What is counted of downloads, limits, keys, usage and connections."""

    def __init__(self, declare: Declarations) -> None:
        self._fetches = declare.counter(
            "fetches",
            "downloads",
            "Downloads of image_url, by how they ended.",
            Label("outcome", [outcome.value for outcome in Outcome]),
        )
        self._limiter_decisions = declare.counter(
            "limiter_decisions",
            "requests",
            "Requests of keys that have a limit, by what the limiter said.",
            Label("decision", [decision.value for decision in Decision]),
        )
        self._limiter_fallbacks = declare.counter(
            "limiter_fallbacks",
            "requests",
            "Requests and answers counted locally, since the shared counter did not answer.",
        )
        self._stale_keys = declare.counter(
            "stale_keys",
            "keys",
            "Keys taken as they were read before, since the database did not answer.",
        )
        self._usage_failures = declare.counter(
            "usage_write_failures",
            "writes",
            "Writes of usage that failed; what they held is written later.",
        )
        self._turned_away = declare.counter(
            "connections_turned_away",
            "connections",
            "Connections closed for want of room: refused, or idle ones that made it.",
            Label("reason", [reason.value for reason in Turned]),
        )

    def fetched(self, outcome: str) -> None:
        """Counts a download of image_url."""
        self._fetches.labels(outcome).inc()

    def limiter_decided(self, decision: Decision) -> None:
        """Counts a request that a limit was held against."""
        self._limiter_decisions.labels(decision.value).inc()

    def limiter_fell_back(self) -> None:
        """Counts one use of the local limits."""
        self._limiter_fallbacks.inc()

    def key_was_stale(self) -> None:
        """Counts one key that could not be looked up anew."""
        self._stale_keys.inc()

    def usage_write_failed(self) -> None:
        """Counts one failed write of usage."""
        self._usage_failures.inc()

    def connection_turned_away(self, reason: str) -> None:
        """Counts a connection closed for want of room."""
        self._turned_away.labels(reason).inc()
