"""All metrics together."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from segmenter.metrics.calls import CallMetrics
from segmenter.metrics.engine import EngineMetrics
from segmenter.metrics.pictures import PictureMetrics
from segmenter.metrics.queues import QueueMetrics
from telemetry.declared_metrics import Declarations


class Metrics:
    """Metric objects in a registry of their own.

    ``engine`` is what runs the networks, and ``models`` are those that are served.
    """

    def __init__(
        self, registry: CollectorRegistry, engine: str = "", models: Sequence[str] = ()
    ) -> None:
        self.registry = registry
        self.declarations = declare = Declarations("mattebox_segmenter_", registry)
        declare.build_info(engine=engine)
        self.calls = CallMetrics(declare)
        self.pictures = PictureMetrics(declare)
        self.queues = QueueMetrics(declare)
        self.engine = EngineMetrics(declare, models)
