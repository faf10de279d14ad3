"""A web server that answers with statuses as written: what a service says only in trouble."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_CODES = {429: "rate_limited", 503: "overloaded"}


@dataclass
class AnsweringServer:
    """Where it is, and what it was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def answering_server(
    statuses: Sequence[int], picture: bytes, retry_after: str = "0", missing_bytes: int = 0
) -> Iterator[AnsweringServer]:
    """Gives each request the next of ``statuses``: 200 with ``picture``, others in the envelope.

    The connection breaks where so many bytes are still missing.
    """
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answering.asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            status = left.pop(0)
            facts = {"X-Width": "300", "X-Height": "200", "X-Foreground-Found": "true"}
            body = picture if status == 200 else envelope(status)
            self.send_response(status)
            for name, value in (facts if status == 200 else {"Retry-After": retry_after}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "image/png" if status == 200 else "application/json")
            self.send_header("Content-Length", str(len(body) + missing_bytes))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002  the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answering = AnsweringServer(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield answering
        finally:
            server.shutdown()
            thread.join()


def envelope(status: int) -> bytes:
    error = {
        "code": _CODES[status],
        "message": "Try again shortly.",
        "status": status,
        "request_id": "req_1",
        "details": {},
    }
    return json.dumps({"error": error}).encode()
