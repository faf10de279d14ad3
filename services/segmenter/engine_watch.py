"""Hears of batches and of looks at the engine: counts, and remembers what makes it suspect."""

from segmenter.errors import DeadlinePassedError, OverloadedError
from segmenter.metrics import EngineMetrics


class EngineWatch:
    """The batchers' observer. A failed batch raises a suspicion until somebody looks into it."""

    def __init__(self, metrics: EngineMetrics) -> None:
        self._metrics = metrics
        self._suspicion = True

    def batch_finished(self, model: str, size: int, seconds: float) -> None:
        """See `BatchObserver`."""
        self._metrics.batch_finished(model, size, seconds)

    def batch_failed(self, model: str, error: Exception) -> None:
        """See `BatchObserver`. A full queue or a passed deadline says nothing of the engine."""
        self._metrics.batch_failed(model, error)
        if not isinstance(error, OverloadedError | DeadlinePassedError):
            self._suspicion = True

    def batch_abandoned(self, model: str, size: int) -> None:
        """See `BatchObserver`."""
        self._metrics.batch_abandoned(model, size)

    def entry_abandoned(self, model: str) -> None:
        """See `BatchObserver`."""
        self._metrics.entry_abandoned(model)

    def look_failed(self) -> None:
        """Hears that a look found the engine unable to serve, which keeps it suspect."""
        self._metrics.look_failed()
        self._suspicion = True

    def engine_lost(self) -> None:
        """Hears that the engine, which has served, is given up."""
        self._metrics.lost()

    def raise_suspicion(self) -> None:
        """Asks for the engine to be looked into."""
        self._suspicion = True

    def take_suspicion(self) -> bool:
        """Tells whether the engine is suspect, as it is at the start, and forgets it."""
        suspicion, self._suspicion = self._suspicion, False
        return suspicion
