"""A server on a real socket that answers as a test has written, and remembers what it was asked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

FACTS = {
    "Content-Type": "image/png",
    "X-Width": "600",
    "X-Height": "400",
    "X-Foreground-Found": "true",
    "X-Request-Id": "req_1",
    "Server-Timing": "queue;dur=0.3, total;dur=44.1",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]
    image: bytes | None


@dataclass
class ScriptedServer:
    """Gives each request the next of its answers, and the last one for ever."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await _read(request))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


async def _read(request: web.Request) -> Asked:
    fields: dict[str, str] = {}
    image = None
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            assert name == "image_file"
            image = value.file.read()
        else:
            fields[name] = str(value)
    return Asked(request.method, request.path, request.headers, fields, image)


@asynccontextmanager
async def scripted_server(*answers: Answer) -> AsyncIterator[ScriptedServer]:
    """Serves until the context ends."""
    server = ScriptedServer(list(answers))
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


def picture(body: bytes = b"picture", **headers: str) -> Answer:
    """A finished picture."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers=FACTS | headers)

    return answer


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error in the envelope."""
    envelope: dict[str, Any] = {
        "code": code,
        "message": "why",
        "status": status,
        "request_id": "req_2",
        "details": {},
    }
    return document({"error": envelope}, status, headers)


def document(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """A JSON object."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(content, status=status, headers=headers)

    return answer


def page(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """What a proxy gives where nothing is behind it."""

    async def answer(_: web.Request) -> web.Response:
        text = "<html>Bad Gateway</html>"
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Ends the connection instead of an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_off_midway(request: web.Request) -> web.StreamResponse:
    """Ends the connection in the middle of a picture."""
    response = web.StreamResponse(headers=FACTS | {"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(bytes(500))
    assert request.transport is not None
    request.transport.close()
    return response
