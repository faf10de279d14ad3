import http.server
from collections.abc import Iterator

import pytest
from benchmarks.load.beside import serving_beside
from benchmarks.load.prober import Prober


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/live" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
    with serving_beside(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_what_is_not_200_is_counted_by_its_url(url: str) -> None:
    gone = "http://127.0.0.1:1/live"
    with Prober([f"{url}/live", f"{url}/ready", gone]) as prober:
        while prober.failures[gone] < 2:
            pass

    assert prober.failures[f"{url}/live"] == 0
    assert prober.failures[f"{url}/ready"] >= 1
    assert prober.probes >= 5
