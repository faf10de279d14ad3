"""Metrics that say of themselves what they are: unit, meaning, and which labels are possible."""

import math
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from typing import Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Kind = Literal["counter", "gauge", "histogram"]
Labelled = TypeVar("Labelled", Counter, Gauge, Histogram)

_MOST_AT_START = 64
"""Combinations of labels that are there from the start; more would be noise."""

_BUILD_LABELS = {"version": "of Mattebox", "python": "the version of Python"}

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """A label. Its values are a closed set, or one that ``told`` tells of in words."""

    name: str
    values: Sequence[str] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric."""

    name: str
    """As it is told to Prometheus, whose counters end in ``_total``."""
    kind: Kind
    unit: str
    meaning: str
    labels: tuple[Label, ...]

    def samples(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The names of its samples, each with the names of its labels."""
        names = frozenset(label.name for label in self.labels)
        for suffix in _SUFFIXES[self.kind]:
            is_bucket = suffix == "_bucket"
            yield (
                self.name.removesuffix("_total") + suffix,
                names | ({"le"} if is_bucket else set()),
            )


class Declarations:
    """The metrics of one service, whose names have one prefix, in a registry.

    Where all values of the labels are known and few, all are there from the start, at 0: the first
    event of its kind is an increase then.
    """

    def __init__(self, prefix: str, registry: CollectorRegistry) -> None:
        self.all: list[Declared] = []
        self._prefix = prefix
        self._registry = registry

    def counter(self, name: str, unit: str, meaning: str, *labels: Label) -> Counter:
        """Declares what only grows."""
        full = self._declare(f"{name}_total", "counter", unit, meaning, labels)
        return _begun(Counter(full, meaning, _names(labels), registry=self._registry), labels)

    def gauge(self, name: str, unit: str, meaning: str, *labels: Label) -> Gauge:
        """Declares what goes up and down."""
        full = self._declare(name, "gauge", unit, meaning, labels)
        return _begun(Gauge(full, meaning, _names(labels), registry=self._registry), labels)

    def histogram(
        self, name: str, unit: str, meaning: str, buckets: Sequence[float], *labels: Label
    ) -> Histogram:
        """Declares what is counted by its size."""
        full = self._declare(name, "histogram", unit, meaning, labels)
        made = Histogram(full, meaning, _names(labels), buckets=buckets, registry=self._registry)
        return _begun(made, labels)

    def build_info(self, **others: str) -> None:
        """Declares a gauge that is always 1 and tells by its labels what is running."""
        told = {"version": metadata.version("mattebox"), "python": platform.python_version()}
        labels = [Label(name, told=words) for name, words in _BUILD_LABELS.items()]
        meaning = "Always 1; its labels tell what is running."
        gauge = self.gauge("build_info", "1", meaning, *labels, *_of_settings(others))
        gauge.labels(**told, **others).set(1)

    def _declare(
        self, name: str, kind: Kind, unit: str, meaning: str, labels: tuple[Label, ...]
    ) -> str:
        full = self._prefix + name
        self.all.append(Declared(full, kind, unit, meaning, labels))
        return full


def _of_settings(names: Iterable[str]) -> list[Label]:
    return [Label(name, told="as the settings have it") for name in names]


def _names(labels: Sequence[Label]) -> list[str]:
    return [label.name for label in labels]


def _begun(metric: Labelled, labels: Sequence[Label]) -> Labelled:
    sizes = [len(label.values) for label in labels]
    if labels and 0 < math.prod(sizes) <= _MOST_AT_START:
        for values in product(*(label.values for label in labels)):
            metric.labels(*values)
    return metric
