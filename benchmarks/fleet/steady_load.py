"""An open loop that goes on until it is told to stop, and what came of it.

Requests come at random at a rate, as those of independent users do. Every second one has a
connection of its own; the others take one that an earlier request left open, as clients with a
pool do, who look whether it was closed meanwhile.
"""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.load.client import Client, Service
from benchmarks.load.outcome import Outcome

_SEED = 20_240_501
_THREADS = 512


class SteadyLoad:
    """One load. Outcomes may be read at any time."""

    def __init__(
        self, service: Service, bodies: Sequence[bytes], rate_per_s: float, timeout_s: float = 45.0
    ) -> None:
        self._service = service
        self._bodies = bodies
        self._rate_per_s = rate_per_s
        self._timeout_s = timeout_s
        self._stop = threading.Event()
        self._lock = threading.Condition()
        self._outcomes: list[Outcome] = []
        self._sent = 0
        self._kept: deque[Client] = deque()
        self._pool = ThreadPoolExecutor(_THREADS)
        self._sender = threading.Thread(target=self._send_all, name="load", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        self._sender.start()

    def stop(self) -> list[Outcome]:
        """Sends no more, waits for all answers and returns them."""
        self._stop.set()
        self._sender.join()
        self._pool.shutdown()
        for client in self._kept:
            client.close()
        return self.outcomes

    @property
    def outcomes(self) -> list[Outcome]:
        """All that ended by now."""
        with self._lock:
            return list(self._outcomes)

    @property
    def unanswered(self) -> int:
        """How many requests are on their way."""
        with self._lock:
            return self._sent - len(self._outcomes)

    def await_outcomes(self, more: int, status: str | None = None, patience_s: float = 90) -> None:
        """Waits for so many more outcomes, of a status if one is named.

        Raises:
            TimeoutError: they do not come.
        """
        with self._lock:
            begin = len(self._outcomes)

            def came() -> bool:
                new = self._outcomes[begin:]
                return sum(status in (None, outcome.status) for outcome in new) >= more

            if not self._lock.wait_for(came, patience_s):
                seen = Counter(outcome.status for outcome in self._outcomes[begin:])
                raise TimeoutError(f"{more} more of {status} did not come, but {dict(seen)}")

    def _send_all(self) -> None:
        rng = random.Random(_SEED)
        due_s, number = time.monotonic(), 0
        while not self._stop.is_set():
            due_s += rng.expovariate(self._rate_per_s)
            self._stop.wait(max(0.0, due_s - time.monotonic()))
            with self._lock:
                self._sent += 1
            body = self._bodies[number % len(self._bodies)]
            self._pool.submit(self._send, due_s, body, keep=number % 2 == 0)
            number += 1

    def _send(self, due_s: float, body: bytes, *, keep: bool) -> None:
        client = self._take() if keep else Client(self._service, self._timeout_s)
        outcome = client.send(body, due_s)
        if keep:
            self._kept.append(client)
        else:
            client.close()
        with self._lock:
            self._outcomes.append(outcome)
            self._lock.notify_all()

    def _take(self) -> Client:
        try:
            client = self._kept.popleft()
        except IndexError:
            return Client(self._service, self._timeout_s)
        client.drop_if_closed()
        return client


@contextmanager
def steady_load(
    service: Service, bodies: Sequence[bytes], rate_per_s: float
) -> Iterator[SteadyLoad]:
    """Puts a load on a service for a block; all is answered at its end."""
    load = SteadyLoad(service, bodies, rate_per_s)
    load.start()
    try:
        yield load
    finally:
        load.stop()
