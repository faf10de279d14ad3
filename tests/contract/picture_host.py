"""A web server with pictures, which notes what it is asked; on loopback only."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from benchmarks.load.beside import serving_beside


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PictureHost:
    """Serves ``pages`` by path, and these: ``/status/N``, ``/hops/N/PATH``, ``/to/URL``.

    ``/status/N`` answers with a status and the first page's bytes; ``/hops/N/PATH`` redirects N
    times before it comes to PATH, and ``/to/URL`` redirects to a quoted URL.
    """

    url: str
    pages: dict[str, bytes]
    asked: list[Asked] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)


@contextmanager
def picture_host(
    pages: Mapping[str, bytes], address: str = "127.0.0.1", port: int = 0
) -> Iterator[PictureHost]:
    """Serves until the context ends."""
    server = _Server((address, port), _Handler)
    host = PictureHost(f"http://{address}:{server.server_address[1]}", dict(pages))
    server.host = host
    with serving_beside(server):
        yield host


class _Server(ThreadingHTTPServer):
    host: PictureHost


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        host = self.server.host
        host.asked.append(Asked(self.path, dict(self.headers.items())))
        path = self.path.partition("?")[0]
        _, kind, rest = (*path.split("/", 2), "", "")[:3]
        match kind:
            case "status":
                has_body = rest not in {"204", "304"}
                self._answer(int(rest), next(iter(host.pages.values())) if has_body else b"")
            case "hops":
                self._redirect(_next_hop(rest))
            case "to":
                self._redirect(unquote(rest))
            case _ if path in host.pages:
                self._answer(200, host.pages[path])
            case _:
                self._answer(404, b"nothing here")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        # Never the type of an image: the bytes alone decide.
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who is told a length may want no more
            self.wfile.write(body)

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def _next_hop(rest: str) -> str:
    hops, _, path = rest.partition("/")
    return f"/{path}" if int(hops) == 1 else f"/hops/{int(hops) - 1}/{path}"
