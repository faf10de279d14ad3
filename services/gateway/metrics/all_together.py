"""All metrics together."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from gateway.metrics.parts import PartMetrics
from gateway.metrics.requests import RequestMetrics
from gateway.metrics.states import StateMetrics
from telemetry.declared_metrics import Declarations


class GatewayMetrics:
    """The metrics, registered with the registry that is handed in.

    ``own_codes`` are those of the errors that single dialects have beside the errors of all.
    """

    def __init__(self, registry: CollectorRegistry, own_codes: Iterable[str] = ()) -> None:
        self.declarations = declare = Declarations("mattebox_gateway_", registry)
        declare.build_info()
        self.requests = RequestMetrics(declare, own_codes)
        self.parts = PartMetrics(declare)
        self.states = StateMetrics(declare)
