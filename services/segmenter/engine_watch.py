"""Hears what becomes of batches: counts them, and remembers what makes an engine suspect."""

from segmenter.errors import DeadlinePassedError, OverloadedError
from segmenter.metrics import Metrics


class EngineWatch:
    """The batchers' observer. A failed batch raises a suspicion until somebody looks into it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._suspicion = True

    def batch_finished(self, model: str, size: int) -> None:
        """See `BatchObserver`."""
        self._metrics.batch_finished(model, size)

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

    def raise_suspicion(self) -> None:
        """Asks for the engine to be looked into."""
        self._suspicion = True

    def take_suspicion(self) -> bool:
        """Tells whether the engine is suspect, as it is at the start, and forgets it."""
        suspicion, self._suspicion = self._suspicion, False
        return suspicion
