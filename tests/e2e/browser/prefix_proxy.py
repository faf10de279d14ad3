"""A proxy that serves another server under a prefix, as nginx does with a slash behind its URL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from benchmarks.load.beside import serving_beside

_OF_ONE_HOP = {"connection", "date", "keep-alive", "server", "transfer-encoding"}


@contextmanager
def prefix_proxy(target: str, prefix: str) -> Iterator[str]:
    """Gives the URL, with the prefix and without a slash behind; runs until the context ends."""

    class Forward(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix(prefix)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with closing(HTTPConnection(urlsplit(target).netloc)) as connection:
                connection.request(self.command, path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OF_ONE_HOP:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - as the class wants it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    with serving_beside(server):
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
