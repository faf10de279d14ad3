"""A stand-in for a bucket: objects behind presigned URLs whose signatures are checked."""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from benchmarks.load.beside import serving_beside

Sign = Callable[[str, str, int, datetime], str]
"""Makes the URL of a method and an object, good for so many seconds from a time on."""


@dataclass(slots=True)
class Bucket:
    """What lies in it by path, with types, and the methods and paths that were let in."""

    url: str
    sign: Sign
    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    served: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)

    def lets_in(self, method: str, target: str) -> bool:
        """Whether ``target``, a path with its query, is signed for ``method`` and good now."""
        path, _, query = target.partition("?")
        told = {name: values[0] for name, values in parse_qs(query).items()}
        if "X-Amz-Signature" not in told:
            return False
        signed = datetime.strptime(told["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
        good_for_s = int(told["X-Amz-Expires"])
        wanted = self.sign(method, self.url + path, good_for_s, signed)
        age_s = (datetime.now(UTC) - signed).total_seconds()
        return age_s <= good_for_s and hmac.compare_digest(self.url + target, wanted)


@contextmanager
def bucket(sign: Sign) -> Iterator[Bucket]:
    """Serves until the context ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.bucket = Bucket(f"http://127.0.0.1:{server.server_port}", sign)
    with serving_beside(server):
        yield server.bucket


class _Server(ThreadingHTTPServer):
    bucket: Bucket


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self._is_let_in():
            found = self._bucket.objects.get(self._object)
            self._answer(200 if found else 404, found or b"NoSuchKey")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._is_let_in():
            self._bucket.objects[self._object] = body
            self._bucket.types[self._object] = self.headers["Content-Type"]
            self._answer(200, b"")

    @property
    def _bucket(self) -> Bucket:
        assert isinstance(self.server, _Server)
        return self.server.bucket

    @property
    def _object(self) -> str:
        return self.path.partition("?")[0]

    def _is_let_in(self) -> bool:
        if self._bucket.lets_in(self.command, self.path):
            self._bucket.served.append((self.command, self._object))
            return True
        self._bucket.refused += 1
        self._answer(403, b"SignatureDoesNotMatch")
        return False

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass
