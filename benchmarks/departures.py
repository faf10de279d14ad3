"""How soon nobody works any more for clients that have left.

    python -m benchmarks.departures [--departures 1000] [--waiting 40] [--engine auto]

So many clients send a picture each, most of which wait in the segmenter's queues; then all of them
close their connections at once, and the segmenter's metrics are asked until no picture waits. Exits
1 where that takes longer than promised, or where the engine was given a picture afterwards.
"""

import argparse
import math
import re
import socket
import sys
import time
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

from benchmarks.load.client import mattebox_service
from benchmarks.load.figures import Figure, percentile
from benchmarks.load.promises import Promise, judged
from benchmarks.load.results import found, say
from benchmarks.pictures import plain_jpeg
from benchmarks.running import Running, mattebox
from benchmarks.tables import table

_WAITING = re.compile(
    r"^mattebox_segmenter_(?:waiting_pictures|batch_queue_pictures) (\S+)$", re.MULTILINE
)
_BATCHED = re.compile(r"^mattebox_segmenter_batch_size_sum\S* (\S+)$", re.MULTILINE)
_PATIENCE_S = 60.0
_MOST_IN_A_BATCH = 8

LEFT = "from a client's leaving until it is out of all queues, ms"
RUN = "pictures of clients that had left, given to the engine"
PROMISES = (Promise(LEFT, at_most=100), Promise(RUN, at_most=0))


class Departures:
    """Clients that come and leave together."""

    def __init__(self, running: Running, megapixels: float) -> None:
        service = mattebox_service(running.http, running.new_key())
        self._metrics = running.metrics["segmenter"]
        self._address = urlsplit(running.http)
        self._request = service.raw_request(service.body(plain_jpeg(megapixels)))

    def wave(self, clients: int) -> tuple[float, int]:
        """Tells how long, in ms, some waited after all had left, and how many were run then."""
        with ExitStack() as connections:
            for _ in range(clients):
                address = (self._address.hostname, self._address.port)
                connection = connections.enter_context(socket.create_connection(address))
                connection.sendall(self._request)
            self._await_waiting(clients // 2)
        left_s, batched = time.monotonic(), self._read(_BATCHED)
        while self._read(_WAITING):
            if time.monotonic() - left_s > _PATIENCE_S:
                return math.inf, 0
        passed_ms = 1000 * (time.monotonic() - left_s)
        # The batch that was under way when they left counts when it ends, if at all.
        time.sleep(1.0)
        return passed_ms, max(0, round(self._read(_BATCHED) - batched) - _MOST_IN_A_BATCH)

    def _await_waiting(self, pictures: int) -> None:
        give_up_s = time.monotonic() + _PATIENCE_S
        while self._read(_WAITING) < pictures:
            if time.monotonic() > give_up_s:
                raise SystemExit(f"no {pictures} pictures ever waited")

    def _read(self, pattern: re.Pattern[str]) -> float:
        with urllib.request.urlopen(self._metrics, timeout=_PATIENCE_S) as answer:  # noqa: S310
            text = answer.read().decode()
        return sum(map(float, pattern.findall(text)))


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--departures", type=int, default=1000)
    parser.add_argument("--waiting", type=int, default=40, help="clients that leave at a time")
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    chosen = parser.parse_args()
    waves = max(1, chosen.departures // chosen.waiting)
    with mattebox(chosen.engine) as running:
        departures = Departures(running, 0.3)
        seen = []
        for wave in range(waves):
            seen.append(departures.wave(chosen.waiting))
            say(f"wave {wave + 1} of {waves}: {seen[-1][0]:.0f} ms")
        engine = running.engine
    times_ms, run = zip(*seen, strict=True)
    figures = {LEFT: Figure.of(times_ms), RUN: Figure.of([sum(run)])}
    row = [str(waves * chosen.waiting)]
    row += [f"{percentile(times_ms, percent):.0f}" for percent in (50, 99, 100)]
    head = ["clients that left", "out of all queues, p50 ms", "p99 ms", "max ms"]
    return judged(found("departures", figures, table(head, [row]), f"engine {engine}"), PROMISES)


if __name__ == "__main__":
    sys.exit(main())
