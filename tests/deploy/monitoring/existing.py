"""Which metrics there are, with their labels, and the values of those from closed sets."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeAlias

from prometheus_client import CollectorRegistry

from gateway.errors import ApiError
from gateway.metrics import GatewayMetrics
from segmenter.metrics import Metrics
from telemetry.declared_metrics import Declared
from telemetry.registry import new_registry
from tests.deploy.monitoring import files, triton_metrics

Labels: TypeAlias = Mapping[str, frozenset[str]]
"""The labels of a metric, each with its values, or without any where they are not known here."""

SCRAPED = frozenset({"namespace", "pod", "instance", "job"})
"""What every series has from a PodMonitor."""

_ANY: frozenset[str] = frozenset()


@cache
def metrics() -> Mapping[str, Labels]:
    """All that is scraped or recorded, by name."""
    declared = [
        *GatewayMetrics(CollectorRegistry()).declarations.all,
        *Metrics(CollectorRegistry(), "triton", ["u2netp"]).declarations.all,
    ]
    found: dict[str, Labels] = {"up": {}}
    for metric in declared:
        found |= _samples(metric)
    found |= {name: {} for name in _of_the_process()}
    for name, labels in (triton_metrics.OF_MODELS | triton_metrics.OF_GPUS).items():
        values = {"reason": frozenset(triton_metrics.FAILURES)}
        found[name] = {label: values.get(label, _ANY) for label in labels}
    for rule in files.rules():
        if "record" in rule:
            # level:what:how, as in namespace_dialect:mattebox_slo_requests:rate5m
            level, _, what = rule["record"].partition(":")
            by = level.split("_") if ":" in what else []
            found[rule["record"]] = dict.fromkeys([*by, "slo"], _ANY)
    return found


def _samples(metric: Declared) -> Iterator[tuple[str, Labels]]:
    values = {label.name: frozenset(label.values) for label in metric.labels}
    if metric.name == "mattebox_gateway_requests_total":
        values["code"] = _codes(ApiError) | {"ok", "client_closed"}
    for name, labels in metric.samples():
        yield name, {label: values.get(label, _ANY) for label in labels}


def _codes(error: type[ApiError]) -> frozenset[str]:
    return frozenset({error.code}).union(*map(_codes, error.__subclasses__()))


def _of_the_process() -> Iterator[str]:
    for family in new_registry().collect():
        yield from (sample.name for sample in family.samples)
