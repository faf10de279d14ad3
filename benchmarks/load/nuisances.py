"""Clients of the kind that every public service has: broken files, wrong keys, early leavers."""

import socket
import time
from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

from benchmarks.load.client import Client, Service
from benchmarks.pictures import plain_jpeg

_PAUSE_S = 0.05
_TIMEOUT_S = 60.0


class Nuisances:
    """Takes all of them in turn. ``surprises`` counts answers other than the documented ones."""

    def __init__(self, service: Service) -> None:
        image = plain_jpeg(1.5)
        stranger = replace(service, headers={"x-api-key": "mb_live_nobody"})
        asking_oddly = replace(service, fields={"format": "psd"})
        self.sent = 0
        self.surprises: Counter[str] = Counter()
        self._service = service
        self._whole = service.body(image)
        self._refused = [
            (service, service.body(image[: len(image) // 2]), "400"),
            (service, service.body(b"no picture at all"), "400"),
            (service, service.body(b""), "400"),
            (service, self._whole[:-9], "400"),
            (asking_oddly, asking_oddly.body(image), "400"),
            (stranger, stranger.body(image), "401"),
        ]

    def go_on(self, seconds: float) -> None:
        """Annoys the service for so long."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            for service, body, status in self._refused:
                self._expect(service, body, status)
            for sent_bytes in (20, len(self._whole) // 2, None):
                self._leave(sent_bytes)

    def _expect(self, service: Service, body: bytes, status: str) -> None:
        with Client(service, _TIMEOUT_S) as client:
            found = client.send(body).status
        self.sent += 1
        if found != status:
            self.surprises[f"{found} in place of {status}"] += 1
        time.sleep(_PAUSE_S)

    def _leave(self, sent_bytes: int | None) -> None:
        """Sends so much of a request, head included, and is gone; None is all of it."""
        url = urlsplit(self._service.url)
        request = self._service.raw_request(self._whole)
        with socket.create_connection((url.hostname, url.port), _TIMEOUT_S) as connection:
            connection.sendall(request[:sent_bytes])
        self.sent += 1
        time.sleep(_PAUSE_S)
