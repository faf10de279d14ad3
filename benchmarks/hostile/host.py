"""A web server on loopback from which a service under test fetches images."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.load.beside import serving_beside


class ImageHost:
    """Serves images by name, each from when it was put there until it is taken away."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, bytes] = {}

    @contextmanager
    def serving(self, name: str, image: bytes) -> Iterator[str]:
        """Serves an image within the context; gives its address."""
        self.pages[f"/{name}"] = image
        try:
            yield f"http://127.0.0.1:{self.port}/{name}"
        finally:
            del self.pages[f"/{name}"]


@contextmanager
def image_host() -> Iterator[ImageHost]:
    """Runs a server on a free port until the context ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.host = host = ImageHost(server.server_address[1])
    with serving_beside(server):
        yield host


class _Server(ThreadingHTTPServer):
    host: ImageHost
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)  # noqa: S101 - tells the type checker
        image = self.server.host.pages.get(self.path)
        self.send_response(404 if image is None else 200)
        # Never the type of an image: the bytes alone decide.
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(image or b"")))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who is told a length may want no more
            self.wfile.write(image or b"")

    def log_message(self, *_arguments: object) -> None:
        """Says nothing: the benchmark's output is its table."""
