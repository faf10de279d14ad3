import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter

from telemetry.metrics_server import Probes, serve_metrics


class Checks:
    live = True
    ready = True


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def port(checks: Checks) -> Iterator[int]:
    registry = CollectorRegistry()
    Counter("things", "Things that happened.", registry=registry).inc()
    probes = Probes(registry, live=lambda: checks.live, ready=lambda: checks.ready)
    with serve_metrics("127.0.0.1", 0, probes) as bound_port:
        yield bound_port


def test_metrics_are_served_in_the_text_format(port: int) -> None:
    status, body = _get(port, "/metrics")

    assert status == 200
    assert "things_total 1.0" in body


@pytest.mark.parametrize("probe", ["live", "ready"])
def test_a_probe_follows_its_check_at_each_question(port: int, checks: Checks, probe: str) -> None:
    assert _get(port, f"/{probe}") == (200, "ok\n")
    setattr(checks, probe, False)
    assert _get(port, f"/{probe}") == (503, "unavailable\n")
    setattr(checks, probe, True)
    assert _get(port, f"/{probe}?x=1") == (200, "ok\n")


def test_there_is_nothing_else(port: int) -> None:
    assert _get(port, "/")[0] == 404


def test_a_client_that_hangs_holds_up_nobody(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"GET /metr")
        assert _get(port, "/live")[0] == 200


def test_the_port_is_free_again_afterwards(checks: Checks) -> None:
    probes = Probes(CollectorRegistry(), live=lambda: checks.live, ready=lambda: checks.ready)
    with serve_metrics("127.0.0.1", 0, probes) as port:
        pass
    with serve_metrics("127.0.0.1", port, probes) as again:
        assert again == port


def test_a_port_that_is_taken_is_told_with_its_address(port: int) -> None:
    probes = Probes(CollectorRegistry(), live=lambda: True, ready=lambda: True)

    with (
        pytest.raises(OSError, match=rf"cannot serve metrics on 127\.0\.0\.1:{port}"),
        serve_metrics("127.0.0.1", port, probes),
    ):
        pass


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
