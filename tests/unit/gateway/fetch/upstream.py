"""Web servers on loopback that answer byte by byte as they are told, and canaries beside them."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]

ALLOWED = "127.0.0.1"
CANARIES = ("127.0.0.2", "127.0.0.3", "127.255.255.254", "::1")


def http_answer(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Writes a whole answer; ``headers`` may replace its length, and one of "" leaves it out."""
    lines = {"Content-Length": str(len(body))} | dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return http_answer(status, headers={"Location": location})


class Upstream:
    """A server that answers by path, and remembers who came and what they asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.accepted = 0
        self.open = 0
        self.busiest = 0
        self.heads: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.open += 1
        self.busiest = max(self.busiest, self.open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        answer = self.answers[head.split(" ", 2)[1]]
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
            return
        # An answer ends when it is written, or when nobody is there any more to read it.
        writing = asyncio.ensure_future(answer(writer))
        leaving = asyncio.ensure_future(reader.read())
        await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in (writing, leaving):
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


@asynccontextmanager
async def listening(
    upstream: Upstream, host: str, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serves on one address; gives the block the port."""
    server = await asyncio.start_server(upstream.serve, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def surrounded(upstream: Upstream, canary: Upstream) -> AsyncIterator[int]:
    """Serves on the allowed address, with a canary at the same port of every other one."""
    hosts = [host for host in CANARIES if ":" not in host or _has_ipv6()]
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(upstream, ALLOWED))
        for host in hosts:
            await stack.enter_async_context(listening(canary, host, port))
        yield port


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True
