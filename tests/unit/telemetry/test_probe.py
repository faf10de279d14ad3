import socket
import subprocess
import sys

import pytest

from telemetry.metrics_server import Probes, serve_metrics
from telemetry.probe import probe
from telemetry.registry import new_registry

LOOPBACK = "127.0.0.1"


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_what_answers_200_is_well(path: str) -> None:
    probes = Probes(new_registry(), live=lambda: True, ready=lambda: True)
    with serve_metrics(LOOPBACK, 0, probes) as port:
        assert probe(f"http://{LOOPBACK}:{port}{path}") is None


def test_what_answers_otherwise_is_not() -> None:
    probes = Probes(new_registry(), live=lambda: True, ready=lambda: False)
    with serve_metrics(LOOPBACK, 0, probes) as port:
        url = f"http://{LOOPBACK}:{port}/ready"
        assert probe(url) == f"{url} answers 503"


def test_where_nobody_listens_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        url = f"http://{LOOPBACK}:{bound.getsockname()[1]}/live"
        assert probe(url) == f"{url} does not answer: [Errno 111] Connection refused"


def test_the_exit_status_tells() -> None:
    probes = Probes(new_registry(), live=lambda: True, ready=lambda: False)
    command = [sys.executable, "-m", "telemetry.probe"]
    with serve_metrics(LOOPBACK, 0, probes) as port:
        well, unwell = (
            subprocess.run([*command, f"http://{LOOPBACK}:{port}/{path}"], check=False)
            for path in ("live", "ready")
        )
    assert (well.returncode, unwell.returncode) == (0, 1)
    assert subprocess.run(command, check=False).returncode == 1
