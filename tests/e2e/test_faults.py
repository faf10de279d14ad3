"""What users see when Triton dies under load, and that nobody has to help."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import Answer, Mattebox

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Load:
    """Clients that send one picture after the other until they are stopped."""

    def __init__(self, mattebox: Mattebox, image: bytes, clients: int) -> None:
        self.answers: list[Answer] = []
        self._mattebox = mattebox
        self._image = image
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(clients)
        self._clients = [self._pool.submit(self._send) for _ in range(clients)]

    def _send(self) -> None:
        while not self._stop.is_set():
            answer = self._mattebox.cut_out(self._image)
            with self._changed:
                self.answers.append(answer)
                self._changed.notify_all()
            if answer.status != 200:
                # As the contract asks of clients: not again at once.
                self._stop.wait(0.2)

    def await_status(self, status: int, after: int = 0) -> int:
        """Waits for an answer with a status among those after an index; gives the next index."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: any(answer.status == status for answer in self.answers[after:]), 90
            )
            assert found, [answer.status for answer in self.answers[after:]]
            return len(self.answers)

    def stop(self) -> None:
        self._stop.set()
        for client in self._clients:
            client.result()
        self._pool.shutdown()


@pytest.mark.parametrize("victim", ["triton", "segmenter"])
def test_a_killed_process_gives_clean_503s_and_comes_back(
    mattebox: Mattebox, coffee: bytes, victim: str
) -> None:
    pids = mattebox.facts["pids"]
    load = Load(mattebox, coffee, clients=4)
    try:
        index = load.await_status(200)
        os.kill(pids[victim], signal.SIGKILL)
        load.await_status(503, after=index)
        # What was all but done may still be answered meanwhile.
        mattebox.await_replaced(victim, pids[victim])
        load.await_status(200, after=len(load.answers))
    finally:
        load.stop()
    assert {answer.status for answer in load.answers} == {200, 503}
    for answer in load.answers:
        if answer.status == 503:
            assert answer.error["code"] in {"unavailable", "overloaded"}
            assert int(answer.headers["Retry-After"]) >= 1
    mattebox.await_status(200)
    now = mattebox.facts["pids"]
    assert now[victim] != pids[victim]
    others = {"triton", "segmenter", "gateway"} - {victim}
    assert {name: now[name] for name in others} == {name: pids[name] for name in others}


def test_health_follows_the_model(mattebox: Mattebox) -> None:
    os.kill(mattebox.facts["pids"]["triton"], signal.SIGKILL)
    mattebox.await_status(503)
    assert mattebox.get("/v2/health/live").status == 200
    assert mattebox.get("/v2/health/ready").status == 200
    mattebox.await_status(200)
