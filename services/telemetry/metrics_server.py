"""Serves a process's metrics and health on a port of their own, from threads of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Probes:
    """What the server tells. Both checks are called from its threads, at each question."""

    registry: CollectorRegistry
    live: Callable[[], bool]
    ready: Callable[[], bool]


@contextlib.contextmanager
def serve_metrics(host: str, port: int, probes: Probes) -> Iterator[int]:
    """Serves ``/metrics``, ``/live`` and ``/ready`` inside the context; yields the bound port.

    Raises:
        OSError: if the address cannot be bound; the message names it.
    """
    try:
        server = _Server((host, port), probes)
    except OSError as error:
        message = f"cannot serve metrics on {host}:{port}: {error.strerror or error}"
        raise OSError(error.errno, message) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="metrics")
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Not http.server's own class: that one asks the DNS for its name before it serves.
class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    # A scraper that hangs must not hold back the end of the process.
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], probes: Probes) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.probes = probes
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "mattebox"
    sys_version = ""
    # Seconds a connection may keep its thread waiting.
    timeout = 5.0

    def do_GET(self) -> None:
        """Answers the three paths."""
        match self.path.partition("?")[0]:
            case "/metrics":
                body = generate_latest(self.server.probes.registry)
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, body)
            case "/live":
                self._answer_check(passed=self.server.probes.live())
            case "/ready":
                self._answer_check(passed=self.server.probes.ready())
            case _:
                self._answer(HTTPStatus.NOT_FOUND, _TEXT, b"not found\n")

    def send_error(self, code: int, *_texts: object) -> None:
        """Refuses a request without the page that would repeat it."""
        self.close_connection = True
        self._answer(HTTPStatus(code), _TEXT, b"refused\n")

    def log_message(self, *_args: object) -> None:
        """Keeps scrapes and probes out of the log."""

    def _answer_check(self, *, passed: bool) -> None:
        if passed:
            self._answer(HTTPStatus.OK, _TEXT, b"ok\n")
        else:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, b"unavailable\n")

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        with contextlib.suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(body)
