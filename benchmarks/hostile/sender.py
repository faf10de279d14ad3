"""Sends images to a service by all ways, several at a time, and keeps what comes back."""

import http.client
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.hostile.host import ImageHost
from benchmarks.hostile.verdict import Reply, digest
from benchmarks.hostile.ways import Upload, Way, upload

_TIMEOUT_S = 60.0
_LONGEST_IDLE_S = 2.0
"""A service may close a connection that idles, while the next request is on its way."""
_AT_A_TIME = 64
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Case:
    """One image, and how it is sent."""

    name: str
    kind: str
    """Where it is from, or in which way it was broken."""
    image: bytes
    way: Way


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a case."""

    case: Case
    reply: Reply
    digest: str
    """The same for answers that say the same."""


class Sender:
    """Some clients, each with a connection of its own."""

    def __init__(self, url: str, api_key: str, host: ImageHost, clients: int) -> None:
        self._netloc = urlsplit(url).netloc
        self._headers = {"x-api-key": api_key, "Accept": "image/*"}
        self._host = host
        self._clients = clients
        self._own = threading.local()

    def answers(self, cases: Iterable[Case]) -> Iterator[Answered]:
        """Sends all cases; answers come in the order of the cases."""
        own: list[http.client.HTTPConnection] = []
        with (
            ThreadPoolExecutor(self._clients, "client", self._connect, (own,)) as clients,
            _closing_all(own),
        ):
            waiting = []
            for case in cases:
                waiting.append(clients.submit(self._answered, case))
                if len(waiting) == _AT_A_TIME:
                    yield waiting.pop(0).result()
            for each in waiting:
                yield each.result()

    def _answered(self, case: Case) -> Answered:
        with self._host.serving(str(threading.get_ident()), case.image) as address:
            request = upload(case.way, case.image, address)
            reply = self._sent(request)
            while reply.status == _TOO_MANY_REQUESTS:
                time.sleep(float(reply.headers.get("retry-after", "1")))
                reply = self._sent(request)
        return Answered(case, reply, digest(reply))

    def _sent(self, request: Upload) -> Reply:
        connection = self._connection()
        headers = self._headers | {"Content-Type": request.content_type}
        started_s = time.monotonic()
        try:
            connection.request("POST", "/v2", request.body, headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Reply(0, repr(error).encode(), time.monotonic() - started_s)
        told = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, body, time.monotonic() - started_s, told)

    def _connection(self) -> http.client.HTTPConnection:
        """Gives the thread's connection, opened anew when it has idled."""
        connection: http.client.HTTPConnection = self._own.connection
        now_s = time.monotonic()
        if now_s - self._own.used_s > _LONGEST_IDLE_S:
            connection.close()
        self._own.used_s = now_s
        return connection

    def _connect(self, connections: list[http.client.HTTPConnection]) -> None:
        """Gives a thread a connection of its own."""
        self._own.connection = http.client.HTTPConnection(self._netloc, timeout=_TIMEOUT_S)
        self._own.used_s = time.monotonic()
        connections.append(self._own.connection)


@contextmanager
def _closing_all(connections: list[http.client.HTTPConnection]) -> Iterator[None]:
    try:
        yield
    finally:
        for connection in connections:
            connection.close()
