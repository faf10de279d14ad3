"""Closed and open load on a small real server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from benchmarks.load.client import Client, Service
from benchmarks.load.loops import closed_loop, open_loop, poisson_schedule_s


class Server(ThreadingHTTPServer):
    """Keeps bodies; holds answers back until so many requests are there."""

    daemon_threads = True

    def __init__(self, together: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._gathering = threading.Barrier(together)

    def serve(self, body: bytes) -> None:
        with self._lock:
            self.bodies.append(body)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self._gathering.wait(20)
        with self._lock:
            self._at_once -= 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.serve(body)
        status = 503 if b"refuse" in body else 200
        self.send_response(status)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"a cup")

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the base's name


@pytest.fixture
def together() -> int:
    return 1


@pytest.fixture
def server(together: int) -> Iterator[Server]:
    with Server(together) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def service(server: Server) -> Service:
    return Service(f"http://127.0.0.1:{server.server_port}", "/", "image", fields={"model": "m"})


@pytest.mark.parametrize("together", [3])
def test_a_closed_loop_keeps_all_clients_busy_and_no_more(server: Server, service: Service) -> None:
    outcomes = closed_loop(service, [b"a picture"], clients=3, requests=9)
    assert [outcome.status for outcome in outcomes] == ["200"] * 9
    assert [outcome.bytes_in for outcome in outcomes] == [5] * 9
    assert server.most_at_once == 3


def test_bodies_take_turns(server: Server, service: Service) -> None:
    closed_loop(service, [b"one", b"two"], clients=1, requests=3)
    assert server.bodies == [b"one", b"two", b"one"]


@pytest.mark.parametrize("together", [4])
def test_an_open_loop_waits_for_no_answer(server: Server, service: Service) -> None:
    """No request is answered before the fourth is there."""
    outcomes = open_loop(service, [b"a picture"], [0.0, 0.001, 0.002, 0.003])
    assert [outcome.status for outcome in outcomes] == ["200"] * 4
    assert server.most_at_once == 4


def test_the_starts_of_an_open_loop_are_those_of_its_schedule(service: Service) -> None:
    first, second = open_loop(service, [b"a picture"], [0.0, 0.05])
    assert second.scheduled_s - first.scheduled_s == pytest.approx(0.05)
    assert second.sent_s >= second.scheduled_s


def test_refusals_and_broken_connections_are_outcomes(server: Server, service: Service) -> None:
    statuses = [each.status for each in closed_loop(service, [b"refuse", b"cut out"], 1, 2)]
    assert statuses == ["503", "200"]
    server.server_close()
    server.shutdown()
    with Client(service, 5.0) as client:
        assert client.send(b"a picture").status == "ConnectionRefusedError"


def test_the_answer_is_kept_where_it_is_wanted(service: Service) -> None:
    with Client(service, 5.0) as client:
        assert client.send(b"a picture").body == b""
        assert client.send(b"a picture", keep_body=True).body == b"a cup"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="http://host:port"):
        Client(Service("127.0.0.1:8080", "/v2", "image_file"), 5.0)


def test_a_body_holds_fields_and_file(service: Service) -> None:
    body = service.body(b"\xff\xd8 a picture")
    assert b'name="model"\r\n\r\nm\r\n' in body
    assert b'name="image"; filename="picture"\r\n\r\n\xff\xd8 a picture\r\n--' in body


def test_a_schedule_is_poisson_and_the_same_each_time() -> None:
    starts_s = poisson_schedule_s(50.0, 200.0)
    assert starts_s == poisson_schedule_s(50.0, 200.0) != poisson_schedule_s(50.0, 200.0, seed=1)
    assert starts_s == sorted(starts_s)
    assert 0 <= starts_s[0] <= starts_s[-1] < 200.0
    # Of exponential gaps, mean and deviation are the same, and 1/e are longer than the mean.
    gaps_s = np.diff(starts_s)
    assert gaps_s.std() == pytest.approx(gaps_s.mean(), rel=0.05)
    assert (gaps_s > gaps_s.mean()).mean() == pytest.approx(np.exp(-1), abs=0.02)


@pytest.mark.parametrize(("rate_per_s", "expected"), [(0.04, 0), (0.06, 1), (2.0, 20), (2.06, 21)])
def test_a_short_schedule_has_the_rate_it_is_named_by(rate_per_s: float, expected: int) -> None:
    assert len(poisson_schedule_s(rate_per_s, 10.0)) == expected


@pytest.mark.parametrize(("rate_per_s", "duration_s"), [(0, 1), (1, 0), (-1, 1)])
def test_a_schedule_without_rate_or_duration_is_refused(
    rate_per_s: float, duration_s: float
) -> None:
    with pytest.raises(ValueError, match="positive"):
        poisson_schedule_s(rate_per_s, duration_s)
