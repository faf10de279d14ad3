"""Rules, alerts and dashboard over what a real service tells a real Prometheus."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import middle_network
from tests.deploy.monitoring import files, triton_metrics
from tests.e2e.conftest import Mattebox
from tests.prometheus_server import PrometheusServer, Target, prometheus_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

_WITHOUT_DATA = {"GPU utilisation A", "GPU memory A"}
"""Panels that show nothing of this service."""

_OF_THE_MACHINE = {
    "MatteboxEngineQueueOld",
    "MatteboxEventLoopLags",
    "MatteboxLatencyBurnsFast",
    "MatteboxLatencyBurnsSlowly",
    "MatteboxPicturesWait",
    "MatteboxTritonPending",
}
"""Alerts that a slow machine may bring near, before the time that they wait is over."""


@pytest.fixture(scope="module")
def served_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that is soon ready and takes next to no time."""
    repository = tmp_path_factory.mktemp("models")
    middle_network.install(repository, "u2netp")
    return repository


@pytest.fixture(scope="module")
def prometheus(
    mattebox: Mattebox, coffee: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrometheusServer]:
    """Has scraped a service before and after it cut out, and refused, some pictures."""
    urls = {
        "gateway": mattebox.facts["metrics"],
        "segmenter": mattebox.facts["segmenter_metrics"],
        "triton": mattebox.triton_metrics_url,
    }
    targets = [
        Target(url, f"mattebox/{name}", {"namespace": "mattebox", "pod": f"mattebox-{name}-1"})
        for name, url in urls.items()
    ]
    folder = tmp_path_factory.mktemp("prometheus")
    with prometheus_server(folder, targets, files.RULE_FILES) as server:
        server.await_series("count(count by (job) (up == 1)) == 3")
        done = 'mattebox_gateway_requests_total{status="200", route="/v2"}'
        for seen in (done, f"increase({done}[1m]) > 0"):
            assert mattebox.cut_out(b"no image").status == 400
            assert mattebox.cut_out(coffee).status == 200
            server.await_series(seen)
        server.await_series("count(namespace:mattebox_slo_budget_left:ratio30d) == 2")
        yield server


def test_every_rule_is_evaluated(prometheus: PrometheusServer) -> None:
    assert prometheus.unhealthy_rules() == []


@pytest.mark.parametrize("record", sorted({r["record"] for r in files.rules() if "record" in r}))
def test_every_recording_has_data(prometheus: PrometheusServer, record: str) -> None:
    assert prometheus.ask(record)


@pytest.mark.parametrize(
    "expression", [pytest.param(e, id=name) for name, e in files.panel_expressions()]
)
def test_a_panel_shows_something(
    prometheus: PrometheusServer, expression: str, request: pytest.FixtureRequest
) -> None:
    has_data = bool(prometheus.ask(expression))
    assert has_data != (request.node.callspec.id in _WITHOUT_DATA)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(rule["expr"], id=rule["alert"])
        for rule in files.alerts()
        if rule["alert"] not in _OF_THE_MACHINE
    ],
)
def test_a_service_in_health_raises_no_alert(prometheus: PrometheusServer, expression: str) -> None:
    assert prometheus.ask(expression) == []


@pytest.mark.parametrize("name", sorted(triton_metrics.OF_MODELS))
def test_triton_tells_what_is_known_of_it(prometheus: PrometheusServer, name: str) -> None:
    series = prometheus.ask(name)
    assert series
    scraped = {"__name__", "namespace", "pod", "job", "instance"}
    assert {frozenset(one["metric"]) - scraped for one in series} == {
        triton_metrics.OF_MODELS[name]
    }


def test_triton_tells_of_failures_by_the_known_reasons(prometheus: PrometheusServer) -> None:
    series = prometheus.ask("nv_inference_request_failure")
    assert {one["metric"]["reason"] for one in series} == set(triton_metrics.FAILURES)


def test_the_loss_of_all_segmenters_is_seen(
    prometheus: PrometheusServer, mattebox: Mattebox
) -> None:
    expressions = {rule["alert"]: rule["expr"] for rule in files.alerts()}
    pid = mattebox.facts["pids"]["segmenter"]
    os.kill(pid, signal.SIGSTOP)
    prometheus.await_series(expressions["MatteboxNoSegmenterServing"])
    os.kill(pid, signal.SIGKILL)
    mattebox.await_status(200)
