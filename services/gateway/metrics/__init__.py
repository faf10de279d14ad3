"""All metrics of the gateway, with their units and meanings. Labels come from closed sets only."""

from gateway.metrics.all_together import GatewayMetrics
from gateway.metrics.states import Readings

__all__ = ["GatewayMetrics", "Readings"]
