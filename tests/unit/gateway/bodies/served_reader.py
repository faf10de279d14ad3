"""A body reader behind a real socket, and what tests send to it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aiohttp import web

from gateway.bodies.arrival import defer_continue
from gateway.bodies.reader import BodyReader
from gateway.bodies.submission import Submission
from gateway.bodies.vocabulary import V2, Vocabulary
from gateway.errors import ApiError
from gateway.settings import UploadSettings

NO_HEADERS: Mapping[str, str | int] = MappingProxyType({})
PATIENCE_S = 20.0

Use = Callable[[Submission], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that was answered."""

    status: int
    code: str
    message: str


class ServedReader:
    """A reader that listens. ``submissions`` are what it has read, ``expected_bytes`` of each.

    ``details`` are those of the errors with which it has refused bodies.
    """

    def __init__(self, limits: UploadSettings, vocabulary: Vocabulary, use: Use | None) -> None:
        self.port = 0
        self.submissions: list[Submission] = []
        self.expected_bytes: list[int] = []
        self._reader = BodyReader(limits, vocabulary)
        self._use = use
        self.details: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Reads one body."""
        try:
            self.expected_bytes.append(self._reader.expected_bytes(request))
            submission = await self._reader.read(request)
            if self._use is not None:
                await self._use(submission)
        except ApiError as error:
            self.details.append(error.details)
            refusal = {"status": error.status, "code": error.code, "message": str(error)}
            response = web.json_response(refusal, status=error.status)
            response.force_close()
            return response
        self.submissions.append(submission)
        return web.json_response({})

    async def submit(
        self,
        body: bytes,
        content_type: str | None = None,
        query: str = "",
        headers: Mapping[str, str | int] = NO_HEADERS,
    ) -> Submission | Refusal:
        """Posts ``body`` and returns what was read, or why not."""
        lines: dict[str, str | int] = {"Content-Length": len(body)}
        if content_type is not None:
            lines["Content-Type"] = content_type
        return await self.exchange({**lines, **headers}, body, query)

    async def submit_chunks(self, content_type: str, *chunks: bytes) -> Submission | Refusal:
        """Posts a body of unknown length."""
        body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
        lines = {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
        return await self.exchange(lines, body)

    async def exchange(
        self, headers: Mapping[str, str | int], body: bytes, query: str = ""
    ) -> Submission | Refusal:
        """Sends ``body`` as it is, behind a head with ``headers``."""
        lines = [f"POST /{query} HTTP/1.1", "Host: reader"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        async with asyncio.timeout(PATIENCE_S):
            answer = await self._answer_to(head, body)
        if not answer:
            return self.submissions[-1]
        return Refusal(answer["status"], answer["code"], answer["message"])

    async def _answer_to(self, head: bytes, body: bytes) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setblocking(False)
            await loop.sock_sendall(connection, head)
            # Unlike a stream, the socket takes the bytes without a copy of them.
            sending = asyncio.create_task(loop.sock_sendall(connection, memoryview(body)))
            received = b""
            while b"\r\n\r\n{" not in received or not received.endswith(b"}"):
                piece = await loop.sock_recv(connection, 65536)
                assert piece, received
                received += piece
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        answer: dict[str, Any] = json.loads(received.rpartition(b"\r\n\r\n")[2])
        return answer


@contextlib.asynccontextmanager
async def served_reader(
    limits: UploadSettings | None = None,
    use: Use | None = None,
    vocabulary: Vocabulary = V2,
) -> AsyncIterator[ServedReader]:
    """Serves a reader; ``use`` is what a handler does next with what was read."""
    served = ServedReader(limits or UploadSettings(), vocabulary, use)
    app = web.Application()
    app.router.add_post("/", served.answer, expect_handler=defer_continue)
    runner = web.AppRunner(app, auto_decompress=False, access_log=None, lingering_time=0)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await web.SockSite(runner, listener).start()
        served.port = listener.getsockname()[1]
        yield served
        await runner.cleanup()
