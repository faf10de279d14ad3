"""Asks for health again and again, as an orchestrator does, while a load runs."""

import threading
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Self

from mattebox.up.http_status import http_status

_EVERY_S = 0.2
_TIMEOUT_S = 1.0
"""What Kubernetes waits for a probe, unless told otherwise."""


class Prober:
    """Probes URLs until its context ends; ``failures`` counts what was not 200 in time, by URL."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.probes = 0
        self.failures: Counter[str] = Counter()
        self._urls = urls
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._probe_on, name="prober", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _probe_on(self) -> None:
        while not self._stop.wait(_EVERY_S):
            for url in self._urls:
                self.probes += 1
                if http_status(url, _TIMEOUT_S) != HTTPStatus.OK:
                    self.failures[url] += 1
