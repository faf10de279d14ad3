"""Processes that are to trace, and the end of those whose collector is no good."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.segmenter import red_network
from tests.integration.tracing.conftest import Traced
from tests.otlp import Collector, http_collector
from tests.running_service import running_service
from tests.traced import variables

_PATIENCE_S = 60
_ON = {"OTEL_TRACES_EXPORTER": "otlp"}


@contextmanager
def traced_service(
    folder: Path, collector: Collector, environment: Mapping[str, str]
) -> Iterator[Traced]:
    """Runs a service; it must end with 0 in good time."""
    red_network.install(folder / "models")
    service = running_service(
        folder, folder / "models", "onnxruntime", environment, [red_network.NAME]
    )
    with service as running:
        yield Traced(running, collector)


def test_unless_it_is_asked_for_nothing_is_sent_and_no_trace_is_named(tmp_path: Path) -> None:
    with http_collector() as collector:
        environment = variables(collector) | {"OTEL_TRACES_EXPORTER": "none"}
        with traced_service(tmp_path, collector, environment) as service:
            status, trace_id = service.cut_out()

    assert status == 200
    assert collector.raw == []
    log = (tmp_path / "log").read_text()
    assert "trace_id" not in log
    assert trace_id not in log


def test_what_is_left_is_sent_at_the_end(tmp_path: Path) -> None:
    with http_collector() as collector:
        environment = variables(collector) | {"OTEL_BSP_SCHEDULE_DELAY": "3600000"}
        with traced_service(tmp_path, collector, environment) as service:
            _, trace_id = service.cut_out()
            assert collector.raw == []

    assert {span.service for span in collector.trace(trace_id)} == {
        "mattebox-gateway",
        "mattebox-segmenter",
    }


@pytest.mark.parametrize("hangs", [False, True], ids=["away", "silent"])
@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_collector_that_is_no_good_disturbs_no_request_and_no_end(
    tmp_path: Path, protocol: str, *, hangs: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = Collector(f"http://127.0.0.1:{silent.getsockname()[1]}")
        if not hangs:
            silent.close()
        # More spans than fit, and a collector that is waited for as long as it likes.
        environment = variables(there, protocol) | {
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3600",
            "OTEL_BSP_MAX_QUEUE_SIZE": "8",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4",
        }
        with traced_service(tmp_path, there, environment) as service:
            statuses = {service.cut_out()[0] for _ in range(20)}

    assert statuses == {200}
    lines = (tmp_path / "log").read_text().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert len([line for line in events if line["event"] == "stopped"]) == 2
    told = [line for line in events if line["event"] == "library_message"]
    # From each process each message once, of the few that there are.
    assert 2 <= len(told) <= 12
    assert {line["library"].partition(".")[0] for line in told} == {"opentelemetry"}


@pytest.mark.parametrize("service", ["gateway", "segmenter"])
def test_a_service_that_is_to_trace_and_cannot_does_not_start(service: str, tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["opentelemetry"] = None
from {service} import main
main.main()
"""
    ended = _ended([sys.executable, "-c", program], tmp_path, _ON)

    assert ended.returncode == 2
    assert ended.stderr == (
        f"mattebox-{service} cannot start:\n"
        "  - OTEL_TRACES_EXPORTER demands traces, for which OpenTelemetry is not installed; "
        "`pip install 'mattebox[tracing]'`.\n"
    )


@pytest.mark.parametrize("service", ["gateway", "segmenter"])
def test_a_service_that_is_told_nonsense_does_not_start(service: str, tmp_path: Path) -> None:
    secret = secrets.token_hex(8)
    environment = _ON | {"OTEL_PROPAGATORS": secret}
    ended = _ended([sys.executable, "-m", f"{service}.main"], tmp_path, environment)

    assert ended.returncode == 2
    assert ended.stderr.splitlines()[1:] == ["  - OTEL_PROPAGATORS names what is not installed."]


def _ended(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env={**os.environ, **environment},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
    )
