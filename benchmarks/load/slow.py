"""Clients that take their time, in a process of their own.

    python -m benchmarks.load.slow URL KEY CLIENTS

By thirds they send a byte of a head a second, a byte of a body a second, and nothing after a first
request. Who is disconnected comes again. One line on standard output tells that all are there; when
standard input ends, another holds JSON: how many of each kind were ended, and by what.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PACE_S = 1.0
BODY_BYTES = 100_000
HALF_HEAD = "half a head"
DRIPPING_BODY = "dripping body"
IDLE = "idle"
DOCUMENTED: Mapping[str, str] = {HALF_HEAD: "closed", DRIPPING_BODY: "408", IDLE: "closed"}
"""How the service ends each kind."""

_COMING_S = 10.0
"""Over how long the clients come in."""

_TOGETHER = 50
"""Connections opened at a time, so that none is lost where the system has no room for its like."""

Ended = dict[str, dict[str, int]]
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Slow:
    """The slow clients in the hands of the benchmark; ``ended`` is filled when they leave."""

    ended: Ended = field(default_factory=dict)


@contextmanager
def slow_clients(url: str, key: str, clients: int) -> Iterator[Slow]:
    """Has so many slow clients inside the context, all of them connected when it begins."""
    command = [sys.executable, "-m", "benchmarks.load.slow", url, key, str(clients)]
    slow = Slow()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 - it was started with pipes
        process.stdout.readline()
        yield slow
    finally:
        slow.ended = json.loads(process.communicate()[0] or "{}")


def ended_otherwise(ended: Ended) -> int:
    """Counts the slow clients that were not ended as is documented for their kind."""
    return sum(
        count
        for kind, ways in ended.items()
        for way, count in ways.items()
        if way != DOCUMENTED[kind]
    )


class _Clients:
    """Keeps the number of slow clients up."""

    def __init__(self, url: str, key: str, clients: int) -> None:
        target = urlsplit(url)
        self._address = (target.hostname or "", target.port or 80)
        self._slots = asyncio.Semaphore(_TOGETHER)
        host = f"Host: {target.netloc}\r\n"
        self._half_head = f"GET /v2/health/live HTTP/1.1\r\n{host}X-Slow: ".encode()
        self._whole_head = f"GET /v2/health/live HTTP/1.1\r\n{host}\r\n".encode()
        self._post = (
            f"POST /v2 HTTP/1.1\r\n{host}X-Api-Key: {key}\r\nContent-Length: {BODY_BYTES}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="image_file"\r\n\r\n'
        ).encode()
        self._kinds: tuple[tuple[str, Callable[[Stream], Awaitable[str]]], ...] = (
            (HALF_HEAD, self._drip_head),
            (DRIPPING_BODY, self._drip_body),
            (IDLE, self._idle),
        )
        self.ended: dict[str, Counter[str]] = {kind: Counter() for kind, _ in self._kinds}
        self.are_there = asyncio.Event()
        self._missing = self._clients = clients

    async def run(self, number: int) -> None:
        """Is one client, of the kind that its number gives it, until it is cancelled."""
        kind, behave = self._kinds[number % len(self._kinds)]
        is_missing = True
        # Strangers do not act, run out of time and come again in step.
        await asyncio.sleep(_COMING_S * number / self._clients)
        while True:
            try:
                async with self._slots:
                    stream = await asyncio.open_connection(*self._address)
                self._missing -= is_missing
                is_missing = False
                if not self._missing:
                    self.are_there.set()
                try:
                    way = await _until_closed(behave(stream))
                finally:
                    stream[1].close()
                self.ended[kind][way] += 1
                if way != DOCUMENTED[kind]:
                    await asyncio.sleep(PACE_S)  # who is refused at once must not become fast
            except OSError as error:
                self.ended[kind][type(error).__name__] += 1
                await asyncio.sleep(PACE_S)

    async def _drip_head(self, stream: Stream) -> str:
        return await _drip(stream, self._half_head)

    async def _drip_body(self, stream: Stream) -> str:
        return await _drip(stream, self._post)

    async def _idle(self, stream: Stream) -> str:
        reader, writer = stream
        writer.write(self._whole_head)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        await reader.readexactly(length)
        return _way(await reader.read())


async def _until_closed(behaving: Awaitable[str]) -> str:
    try:
        return await behaving
    except ConnectionResetError:
        # A byte was on its way when the other end closed.
        return "closed"


async def _drip(stream: Stream, beginning: bytes) -> str:
    """Sends a byte a second behind a beginning, until an answer or the end comes."""
    reader, writer = stream
    writer.write(beginning)
    while True:
        try:
            async with asyncio.timeout(PACE_S):
                return _way(await reader.read(64))
        except TimeoutError:
            writer.write(b"x")


def _way(answer: bytes) -> str:
    """Names how a client was ended: by the status of an answer, or by the end alone."""
    return answer.split(b" ")[1].decode() if answer else "closed"


async def _main(url: str, key: str, clients: int) -> None:
    slow = _Clients(url, key, clients)
    running = [asyncio.create_task(slow.run(number)) for number in range(clients)]
    await slow.are_there.wait()
    print(flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for client in running:
        client.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*running)
    print(json.dumps(slow.ended), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
