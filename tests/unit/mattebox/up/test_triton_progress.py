"""Whether a Triton gets on, by the metrics and processes that a test makes up."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from mattebox.up import keeper
from mattebox.up.triton_progress import Counts, TritonProgress, parse_counts

LOOKS = 15
PAGE = """\
# HELP nv_inference_request_success Number of successful inference requests, all batch sizes
# TYPE nv_inference_request_success counter
nv_inference_request_success{model="a",version="1"} 4
nv_inference_request_success{model="b",version="1"} 1e+01
nv_inference_request_failure{model="a",reason="OTHER",version="1"} 1
nv_inference_request_failure{model="a",reason="BACKEND",version="1"} 2
nv_inference_request_failure{model="a",reason="CANCELED",version="1"} 32
nv_inference_request_failure{model="a",reason="REJECTED",version="1"} 64
nv_inference_exec_count{model="a",version="1"} 128
nv_inference_pending_request_count{model="a",version="1"} 3
nv_inference_pending_request_count{model="b",version="1"} 0
"""


def test_counts_are_those_of_all_models_and_not_of_what_callers_did() -> None:
    assert parse_counts(PAGE) == Counts(waiting=3, answered=14, failed=3)


def test_what_is_not_told_is_none() -> None:
    assert parse_counts("") == Counts(0, 0, 0)


class Triton:
    """Its metrics, as the next look finds them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting = self.answered = self.failed = 0
        self.silent = False
        self.cpu_s = 0.0
        monkeypatch.setattr("mattebox.up.triton_progress.http_page", self._page)
        monkeypatch.setattr(keeper, "cpu_s", lambda _pid: self.cpu_s)
        self._progress = TritonProgress("http://triton/metrics", [1])

    def looks(self, count: int) -> list[bool]:
        return [self._progress.hangs() for _ in range(count)]

    def _page(self, _url: str, _timeout_s: float) -> str | None:
        if self.silent:
            return None
        return (
            f'nv_inference_pending_request_count{{model="a"}} {self.waiting}\n'
            f'nv_inference_request_success{{model="a"}} {self.answered}\n'
            f'nv_inference_request_failure{{model="a",reason="BACKEND"}} {self.failed}\n'
        )


@pytest.fixture
def triton(monkeypatch: pytest.MonkeyPatch) -> Triton:
    return Triton(monkeypatch)


def test_one_in_which_requests_wait_while_nothing_is_done_hangs(triton: Triton) -> None:
    triton.waiting = 1
    assert triton.looks(LOOKS - 1) == [False] * (LOOKS - 1)
    assert triton.looks(1) == [True]


def test_so_does_one_in_which_all_requests_fail_at_once(triton: Triton) -> None:
    hangs = []
    for _ in range(LOOKS):
        triton.failed += 1
        hangs += triton.looks(2)  # its metrics are renewed every other second only
    assert hangs.index(True) == 2 * (LOOKS - 1)


def test_an_idle_one_does_not(triton: Triton) -> None:
    triton.failed = 1
    assert triton.looks(5 * LOOKS) == [False] * 5 * LOOKS


def test_nor_does_a_busy_one_however_slow_it_is(triton: Triton) -> None:
    triton.waiting = 100
    for _ in range(5 * LOOKS):
        triton.cpu_s += 0.125
        assert triton.looks(1) == [False]


def test_an_answer_now_and_then_is_enough(triton: Triton) -> None:
    triton.waiting = 100
    for _ in range(5):
        triton.answered += 1
        assert triton.looks(LOOKS) == [False] * LOOKS


def test_what_does_not_tell_its_metrics_is_not_judged_by_them(triton: Triton) -> None:
    triton.waiting = 1
    triton.looks(LOOKS - 1)
    triton.silent = True
    assert triton.looks(5) == [False] * 5


@pytest.fixture
def working() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(command) as process:
        yield process
        process.kill()


def test_the_processor_time_of_a_process_is_told(working: subprocess.Popen[bytes]) -> None:
    while keeper.cpu_s(working.pid) < 0.05:
        pass
    working.kill()
    working.wait()
    assert keeper.cpu_s(working.pid) == 0
