"""Writes docs/metrics.md from the metrics themselves. Run: python docs/make_metrics.py."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry

from gateway.metrics import GatewayMetrics
from gateway.routes import DIALECTS, own_codes
from segmenter.metrics import Metrics
from telemetry.declared_metrics import Declared, Label
from telemetry.registry import new_registry

_HEAD = ("| metric | type | labels | unit | meaning |", "|---|---|---|---|---|")

PAGE = Path(__file__).parent / "metrics.md"


def declared() -> dict[str, list[Declared]]:
    """The metrics of each service."""
    return {
        "Gateway": GatewayMetrics(CollectorRegistry(), own_codes(DIALECTS)).declarations.all,
        "Segmenter": Metrics(CollectorRegistry()).declarations.all,
    }


def samples() -> Mapping[str, frozenset[str]]:
    """The names of all samples that the services serve of their own, with those of their labels.

    Those that end in ``_created``, and those of the process, are not among them.
    """
    return {
        name: labels
        for metrics in declared().values()
        for metric in metrics
        for name, labels in metric.samples()
    }


def values() -> Mapping[tuple[str, str], frozenset[str]]:
    """The possible values of a label of a metric by both names; only of those that are a list."""
    return {
        (metric.name, label.name): frozenset(label.values)
        for metrics in declared().values()
        for metric in metrics
        for label in metric.labels
        if label.values
    }


def page() -> str:
    """The whole page."""
    lines = [
        "# Metrics",
        "",
        "For Prometheus, at `/metrics` on a port of their own: the gateway's on 9090, the",
        "segmenter's on 9091 (`MATTEBOX_GATEWAY_METRICS_PORT`, `MATTEBOX_SEGMENTER_METRICS_PORT`).",
        "Labels come from closed sets; where all values are known and few, all are there from",
        "the start, at 0. A histogram has `_bucket`, `_sum` and `_count`. Triton's own are on port",
        "8002. This page is made by `python docs/make_metrics.py`.",
    ]
    for service, metrics in declared().items():
        lines += ["", f"## {service}", "", *_HEAD, *map(_row, metrics)]
    lines += [
        "",
        "## Both, of the process and its Python",
        "",
        "| metric | type | meaning |",
        "|---|---|---|",
        *_process_rows(),
    ]
    return "\n".join(lines) + "\n"


def _row(metric: Declared) -> str:
    labels = "; ".join(map(_label, metric.labels)) or "none"
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.unit} | {metric.meaning} |"


def _label(label: Label) -> str:
    told = label.told or ", ".join(f"`{value}`" for value in label.values)
    return f"`{label.name}`: {told}"


def _process_rows() -> Iterator[str]:
    suffixes = {"counter": "_total"}
    for metric in new_registry().collect():
        name = f"{metric.name}{suffixes.get(metric.type, '')}"
        yield f"| `{name}` | {metric.type} | {metric.documentation.rstrip('.')}. |"


if __name__ == "__main__":
    PAGE.write_text(page())
