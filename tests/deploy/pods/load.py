"""Clients that each send the next picture once they have the answer to the last.

So a machine with other things to do is not overloaded: what is tested is no capacity.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.load.client import Client, Service
from benchmarks.load.outcome import Outcome

_TIMEOUT_S = 60.0
_PATIENCE_S = 120.0


class Load:
    """What clients of one service got so far. They run where this is made."""

    def __init__(self, service: Service, body: bytes) -> None:
        """One client keeps its connection, as those with a pool do, one has new ones."""
        self._service, self._body = service, body
        self._stop = threading.Event()
        self._came = threading.Condition()
        self._outcomes: list[Outcome] = []
        self._threads = [
            threading.Thread(target=self._send, kwargs={"keeps": keeps}, daemon=True)
            for keeps in (True, False)
        ]
        for thread in self._threads:
            thread.start()

    def await_outcomes(self, more: int) -> None:
        """Waits for so many more answers, of whatever kind.

        Raises:
            TimeoutError: they do not come.
        """
        with self._came:
            wanted = len(self._outcomes) + more
            if not self._came.wait_for(lambda: len(self._outcomes) >= wanted, _PATIENCE_S):
                raise TimeoutError(f"{more} answers did not come")

    def stop(self) -> list[Outcome]:
        """Sends no more, and returns all that came of it."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self._outcomes

    def _send(self, *, keeps: bool) -> None:
        with Client(self._service, _TIMEOUT_S) as client:
            while not self._stop.is_set():
                if keeps:
                    client.drop_if_closed()
                else:
                    client.close()
                outcome = client.send(self._body, keep_body=True)
                with self._came:
                    self._outcomes.append(outcome)
                    self._came.notify_all()


@contextmanager
def load(service: Service, picture: bytes) -> Iterator[Load]:
    """Sends a picture again and again for a block."""
    running = Load(service, service.body(picture))
    try:
        yield running
    finally:
        running.stop()
