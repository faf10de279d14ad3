"""How much is in work and waits, for how long, and how much may; read when it is asked for."""

from segmenter.admission import Admission, AdmissionLimits
from segmenter.served_models import ServedModels
from telemetry.declared_metrics import Declarations


class QueueMetrics:
    """States of the queues, each beside its limit. They are 0 until there are queues to watch."""

    def __init__(self, declare: Declarations) -> None:
        gauge = declare.gauge
        self._admitted = gauge("admitted_megapixels", "megapixels", "Pictures in work.")
        self._budget = gauge(
            "budget_megapixels",
            "megapixels",
            "Most that is in work at a time, but for a picture larger than that alone.",
        )
        self._waiting_mp = gauge("waiting_megapixels", "megapixels", "Pictures that wait to start.")
        self._held_bytes = gauge(
            "held_bytes", "bytes", "Encoded pictures of all calls that are not answered yet."
        )
        self._waiting = gauge("waiting_pictures", "pictures", "Pictures that wait to start.")
        self._max_waiting = gauge(
            "max_waiting_pictures", "pictures", "Most pictures that may wait to start."
        )
        self._waiting_age = gauge(
            "waiting_age_seconds",
            "seconds",
            "For how long the picture has waited to start that has waited longest.",
        )
        self._batch_queue = gauge(
            "batch_queue_pictures", "pictures", "Pictures that wait for the engine."
        )
        self._batch_queue_age = gauge(
            "batch_queue_age_seconds",
            "seconds",
            "For how long the picture has waited for the engine that has waited longest.",
        )
        self._batches_running = gauge(
            "batches_running", "batches", "Batches that the engine is at work on."
        )

    def watch(self, admission: Admission, limits: AdmissionLimits, models: ServedModels) -> None:
        """Reads states off these parts from now on; their readings are safe from any thread."""
        self._budget.set(limits.budget_px / 1e6)
        self._max_waiting.set(limits.max_waiting)
        self._admitted.set_function(lambda: admission.in_use_px / 1e6)
        self._waiting_mp.set_function(lambda: admission.waiting_px / 1e6)
        self._held_bytes.set_function(lambda: admission.held_bytes)
        self._waiting.set_function(lambda: admission.waiting)
        self._waiting_age.set_function(lambda: admission.waiting_age_s)
        self._batch_queue.set_function(lambda: models.queued)
        self._batch_queue_age.set_function(lambda: models.queue_age_s)
        self._batches_running.set_function(lambda: models.batches_running)
