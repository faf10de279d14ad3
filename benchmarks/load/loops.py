"""The two ways to put load on a service.

Closed: so many clients, each of which sends its next request when its last one is answered. It
tells how much the service can do; a stall makes the clients wait and so hides most of itself.

Open: requests come when their schedule says, whether or not earlier ones are answered, as those of
independent users do. Latency counts from the scheduled start (coordinated omission: G. Tene, How
NOT to Measure Latency, 2015).
"""

import itertools
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.load.client import Client, Service
from benchmarks.load.outcome import Outcome

_SEED = 20_240_501
_TIMEOUT_S = 120.0
MOST_OPEN = 512
"""Requests of an open loop that may be unanswered at a time: one thread each."""


def poisson_schedule_s(rate_per_s: float, duration_s: float, seed: int = _SEED) -> list[float]:
    """Draws the starts of a Poisson process, seconds from its beginning, below `duration_s`.

    Their number is what the rate leads to expect, so that a short load has the rate it is named
    by; given their number, the starts of such a process are spread evenly at random.

    Raises:
        ValueError: rate or duration is not positive.
    """
    if not (rate_per_s > 0 and duration_s > 0):
        raise ValueError("rate and duration must be positive")
    random = np.random.default_rng(seed)
    return sorted(random.uniform(0, duration_s, round(rate_per_s * duration_s)).tolist())


def closed_loop(
    service: Service, bodies: Sequence[bytes], clients: int, requests: int
) -> list[Outcome]:
    """Sends so many requests in all; the bodies take turns. Outcomes are in no order.

    Whoever is free takes the next one, so that no client is left with more than the others. One
    that is refused waits for as long as `Retry-After` tells it.
    """
    numbers = itertools.count()  # its next() is one step of the interpreter
    begin = threading.Barrier(clients)

    def work() -> list[Outcome]:
        outcomes: list[Outcome] = []
        with Client(service, _TIMEOUT_S) as client:
            begin.wait()
            while (number := next(numbers)) < requests:
                outcomes.append(client.send(bodies[number % len(bodies)]))
                time.sleep(outcomes[-1].retry_after_s)
        return outcomes

    with ThreadPoolExecutor(clients) as threads:
        jobs = [threads.submit(work) for _ in range(clients)]
        return [outcome for job in jobs for outcome in job.result()]


def open_loop(
    service: Service, bodies: Sequence[bytes], starts_s: Sequence[float]
) -> list[Outcome]:
    """Sends a request at each of the starts, seconds from now; the bodies take turns.

    Each has a connection of its own. Where more than `MOST_OPEN` are unanswered, the next are sent
    late; their latency counts from when they were due all the same, and outcomes tell both times.
    """

    def work(due_s: float, body: bytes) -> Outcome:
        with Client(service, _TIMEOUT_S) as client:
            return client.send(body, due_s)

    with ThreadPoolExecutor(MOST_OPEN) as threads:
        begun_s = time.monotonic()
        jobs = []
        for start_s, body in zip(starts_s, itertools.cycle(bodies), strict=False):
            due_s = begun_s + start_s
            time.sleep(max(0.0, due_s - time.monotonic()))
            jobs.append(threads.submit(work, due_s, body))
        return [job.result() for job in jobs]
