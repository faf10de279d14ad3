import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from mattebox.up.health import HttpHealth, TritonHealth


class Pages(http.server.ThreadingHTTPServer):
    """Answers each path with the status it is given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.statuses: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Page(http.server.BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        self.send_response(self.server.statuses.get(self.path, 404))
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[Pages]:
    with Pages() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A child of this process, in the part of one that runs a model for Triton."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_child_is_ready_when_all_its_pages_are(pages: Pages) -> None:
    health = HttpHealth([f"{pages.url}/ready", f"{pages.url}/health"], f"{pages.url}/live")
    assert not health.ready()

    pages.statuses["/ready"] = 200
    assert not health.ready()

    pages.statuses["/health"] = 200
    assert health.ready()


def test_trouble_is_many_checks_in_a_row_without_an_answer(pages: Pages) -> None:
    health = HttpHealth([], f"{pages.url}/live")

    def looks(count: int) -> list[str | None]:
        return [health.trouble() for _ in range(count)]

    assert looks(9) == [None] * 9
    pages.statuses["/live"] = 200
    assert looks(1) == [None]
    pages.statuses["/live"] = 503
    assert looks(9) == [None] * 9
    assert looks(1) == ["it left 10 health checks in a row without an answer"]


def test_triton_is_ready_when_all_models_are_and_a_process_runs_it(
    pages: Pages, child: subprocess.Popen[bytes]
) -> None:
    with_child = TritonHealth(os.getpid(), pages.url, f"{pages.url}/metrics", ["toy", "other"])
    without = TritonHealth(child.pid, pages.url, f"{pages.url}/metrics", ["toy", "other"])
    assert not with_child.ready()

    pages.statuses["/v2/models/toy/ready"] = 200
    assert not with_child.ready()
    pages.statuses["/v2/models/other/ready"] = 200

    assert with_child.ready()
    assert not without.ready()


def test_triton_is_in_trouble_when_a_process_of_a_model_has_died(
    pages: Pages, child: subprocess.Popen[bytes]
) -> None:
    pages.statuses |= {
        "/v2/models/toy/ready": 200,
        "/v2/models/other/ready": 200,
        "/v2/health/live": 200,
    }
    health = TritonHealth(os.getpid(), pages.url, f"{pages.url}/metrics", ["toy", "other"])
    assert health.ready()
    assert health.trouble() is None

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # Triton does not collect it either

    trouble = health.trouble()
    assert trouble == f"the process {child.pid}, in which it ran a model, has died"
