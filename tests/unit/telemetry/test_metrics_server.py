import contextlib
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


@pytest.mark.parametrize("path", ["/metrics", "/live", "/other"])
def test_no_answer_is_kept_or_taken_for_something_else(port: int, path: str) -> None:
    answer = _exchange(port, f"GET {path} HTTP/1.0\r\n\r\n".encode())

    assert "\r\nCache-Control: no-store\r\n" in answer
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"SECRET / HTTP/1.0\r\n\r\n",
        b"GET /SECRET HTTP/1.0\r\n\r\n",
        b"GET / HTTP/SECRET\r\n\r\n",
        b"SECRET\r\n\r\n",
        b"GET / SECRET SECRET HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.0\r\nSECRET: " + b"SECRET" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.0\r\n" + b"SECRET: x\r\n" * 200 + b"\r\n",
        b"GET /" + b"SECRET" * 20_000 + b" HTTP/1.0\r\n\r\n",
    ],
)
def test_a_refusal_repeats_nothing_of_what_was_asked(
    port: int, request_bytes: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = _exchange(port, request_bytes)

    assert "SECRET" not in answer
    assert "html" not in answer.lower()
    assert capfd.readouterr() == ("", "")


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


def _exchange(port: int, request: bytes) -> str:
    """Sends this and returns all that comes, which may be cut short by what was not read."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        answer = b""
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
            while piece := connection.recv(4096):
                answer += piece
        return answer.decode()


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
