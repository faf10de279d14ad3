"""A server that answers as an overloaded or broken service would, and notes what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.load.beside import serving_beside

from tests.contract.client import Client


@dataclass(slots=True)
class Front:
    """Gives the answers that are left, one a request, and after them those of the service."""

    service: Client
    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: int = 0


@contextmanager
def front(service: Client, *answers: tuple[int, dict[str, str]]) -> Iterator[Front]:
    """Serves until the context ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.front = Front(service, f"http://127.0.0.1:{server.server_port}", list(answers))
    with serving_beside(server):
        yield server.front


class _Server(ThreadingHTTPServer):
    front: Front


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        front = self.server.front
        body = self.rfile.read(int(self.headers["Content-Length"]))
        front.asked += 1
        if front.answers:
            status, headers = front.answers.pop(0)
            self._answer(status, headers, b"a proxy's own page")
        else:
            kind = {"Content-Type": self.headers["Content-Type"]}
            reply = front.service.ask("POST", headers=kind, data=body)
            kept = {name: value for name, value in reply.headers.items() if name[:2] == "X-"}
            kept["Content-Type"] = reply.headers["Content-Type"]
            self._answer(reply.status, kept, reply.body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass
