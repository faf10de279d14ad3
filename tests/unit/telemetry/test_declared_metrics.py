import pytest
from prometheus_client import CollectorRegistry, generate_latest

from telemetry.declared_metrics import Declarations, Label


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def declare(registry: CollectorRegistry) -> Declarations:
    return Declarations("service_", registry)


def test_what_is_declared_is_served(registry: CollectorRegistry, declare: Declarations) -> None:
    declare.counter("cups", "cups", "Cups drunk.").inc()
    declare.gauge("full", "0 or 1", "Whether it is full.").set(1)
    declare.histogram("sip_seconds", "seconds", "Time of a sip.", (1, 2)).observe(1.5)

    text = generate_latest(registry).decode()

    assert "service_cups_total 1.0" in text
    assert "service_full 1.0" in text
    assert 'service_sip_seconds_bucket{le="2.0"} 1.0' in text
    assert [each.name for each in declare.all] == [
        "service_cups_total",
        "service_full",
        "service_sip_seconds",
    ]
    assert {name for each in declare.all for name, _ in each.samples()} == {
        "service_cups_total",
        "service_full",
        "service_sip_seconds_bucket",
        "service_sip_seconds_sum",
        "service_sip_seconds_count",
    }


def test_closed_sets_of_labels_are_there_from_the_start(
    registry: CollectorRegistry, declare: Declarations
) -> None:
    declare.counter("cups", "cups", "Cups drunk.", Label("kind", "ab"), Label("size", "xy"))

    for kind in "ab":
        for size in "xy":
            labels = {"kind": kind, "size": size}
            assert registry.get_sample_value("service_cups_total", labels) == 0


@pytest.mark.parametrize(
    "labels",
    [
        [Label("kind", "ab"), Label("guest", told="whoever comes")],
        [Label("kind", [str(each) for each in range(65)])],
    ],
    ids=["open", "many"],
)
def test_sets_that_are_open_or_large_are_not(
    registry: CollectorRegistry, declare: Declarations, labels: list[Label]
) -> None:
    declare.counter("cups", "cups", "Cups drunk.", *labels)

    assert "service_cups_total{" not in generate_latest(registry).decode()


def test_the_build_is_told(registry: CollectorRegistry, declare: Declarations) -> None:
    declare.build_info(engine="triton")

    text = generate_latest(registry).decode()
    assert 'service_build_info{engine="triton",python="3.' in text
