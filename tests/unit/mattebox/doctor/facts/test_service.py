import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from PIL import Image

from mattebox.doctor.asked import RunningAsked
from mattebox.doctor.facts import service
from tests.ports import free_port

KEY = "mb_live_key"


class Service(ThreadingHTTPServer):
    """Answers as a gateway does that knows one key; notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        if self.path == "/v2/health":
            self._answer(200, {"status": "ok"})
        elif self.headers.get("x-api-key") == KEY:
            self._answer(200, {"account": {"email": "ann@example.com"}})
        else:
            self._answer(401, {"error": {"code": "invalid_api_key"}})

    def do_POST(self) -> None:
        self._answer(503, {"error": {"code": "overloaded"}})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, body))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def gateway() -> Iterator[Service]:
    with Service() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def segmenter(status: int) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(1))
    servicer: Any = health.HealthServicer()
    servicer.set("", status)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_nothing_is_asked_that_is_not_named() -> None:
    assert service.gather(RunningAsked()) == service.ServiceFacts()


def test_a_service_is_asked_for_health_the_key_and_a_picture(gateway: Service) -> None:
    facts = service.gather(RunningAsked(gateway.url + "/", KEY))

    assert facts.url == gateway.url
    assert facts.health is not None
    assert facts.account is not None
    assert facts.cut_out is not None
    assert (facts.health.status, facts.account.status) == (200, 200)
    assert (facts.cut_out.status, facts.cut_out.error_code) == (503, "overloaded")
    assert [(method, path) for method, path, _ in gateway.asked] == [
        ("GET", "/v2/health"),
        ("GET", "/v2/account"),
        ("POST", "/v2"),
    ]
    assert gateway.asked[-1][2] == service.small_picture()


def test_without_a_key_only_health_is_asked_for(gateway: Service) -> None:
    facts = service.gather(RunningAsked(gateway.url))

    assert (facts.account, facts.cut_out) == (None, None)
    assert len(gateway.asked) == 1


def test_a_key_that_is_refused_gets_no_picture_cut_out(gateway: Service) -> None:
    facts = service.gather(RunningAsked(gateway.url, "mb_live_other"))

    assert facts.account is not None
    assert (facts.account.status, facts.account.error_code) == (401, "invalid_api_key")
    assert facts.cut_out is None


def test_a_service_that_is_not_there_is_asked_once() -> None:
    facts = service.gather(RunningAsked(f"http://127.0.0.1:{free_port('127.0.0.1')}", KEY))

    assert facts.health == service.Answer(None, failure="Connection refused")
    assert facts.account is None


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "nonsense", "http://", "file:///etc/hostname"])
def test_what_is_no_address_of_a_service_is_a_failure(url: str) -> None:
    facts = service.gather(RunningAsked(url, KEY))

    assert facts.health is not None
    assert facts.health.status is None
    assert facts.health.failure


@pytest.mark.parametrize("state", ["SERVING", "NOT_SERVING"])
def test_a_segmenter_tells_its_state(state: str) -> None:
    status = health_pb2.HealthCheckResponse.ServingStatus.Value(state)
    with segmenter(status) as target:
        assert service.gather(RunningAsked(grpc=target)).segmenter == state


def test_a_segmenter_that_is_not_there_is_unavailable() -> None:
    target = f"127.0.0.1:{free_port('127.0.0.1')}"

    assert service.gather(RunningAsked(grpc=target)).segmenter == "unavailable"


def test_the_small_picture_is_one() -> None:
    with Image.open(io.BytesIO(service.small_picture()), formats=["PNG"]) as image:
        image.load()
        assert (image.size, image.mode) == ((32, 32), "L")
        assert (image.getpixel((0, 0)), image.getpixel((16, 16))) == (40, 230)
