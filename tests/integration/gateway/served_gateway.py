"""A gateway served for real on a loopback socket, and what tests ask of it."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry, generate_latest

from gateway.app import open_gateway
from gateway.health import Lifecycle
from gateway.server import listening
from gateway.settings import (
    GatewaySettings,
    HttpSettings,
    MetricsSettings,
    SegmenterSettings,
)
from telemetry.logs import open_log
from telemetry.tracing import OFF, Tracer
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import FakeSegmenter

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
PATIENCE_S = 20.0
"""How long a test waits for what must come before it fails."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def error(self) -> dict[str, Any]:
        """The error in the envelope, after checking that it is one."""
        content = self.json()
        assert list(content) == ["error"]
        error: dict[str, Any] = content["error"]
        assert set(error) == {"code", "message", "status", "request_id", "details"}
        assert error["status"] == self.status
        assert error["request_id"] == self.headers["X-Request-Id"]
        assert isinstance(error["details"], dict)
        assert error["message"]
        return error


class ServedGateway:
    """One gateway under test."""

    def __init__(self, port: int, key: str, session: aiohttp.ClientSession) -> None:
        self.port = port
        self.key = key
        self.log = io.StringIO()
        self.registry = CollectorRegistry()
        self.url = f"http://127.0.0.1:{port}"
        self._session = session

    async def ask(self, method: str, path: str, **options: Any) -> Reply:
        """Sends a request without a key and reads the whole answer."""
        async with self._session.request(method, self.url + path, **options) as response:
            return Reply(response.status, response.headers, await response.read())

    async def post(
        self, form: aiohttp.FormData | io.BytesIO | bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> Reply:
        """Posts ``form`` to /v2 with the key."""
        return await self.ask("POST", "/v2", data=form, headers={"x-api-key": self.key, **headers})

    async def post_body(self, body: bytes, boundary: str = "b") -> Reply:
        """Posts a hand-made multipart body to /v2 with the key."""
        content_type = f"multipart/form-data; boundary={boundary}"
        return await self.post(io.BytesIO(body), {"Content-Type": content_type})

    @contextlib.asynccontextmanager
    async def connection(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A bare connection, for what no decent client sends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def exchange(self, request: bytes) -> Reply:
        """Sends ``request`` as it is and reads one answer."""
        async with self.connection() as (reader, writer):
            writer.write(request)
            return await read_reply(reader)

    async def reaches(self, path: str, status: int) -> Reply:
        """Asks for ``path`` until it answers with ``status``."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reply = await self.ask("GET", path)
                if reply.status == status:
                    return reply

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the gateway does on its own."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.005)

    async def takes_turns(self, *segmenters: FakeSegmenter) -> None:
        """Posts until each of ``segmenters`` is connected: from then on the next one is next."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(segmenter.calls for segmenter in segmenters):
                await self.post(image_form())

    def head(self, headers: Mapping[str, str | int]) -> bytes:
        """The head of a POST to /v2 with the key."""
        lines = {"Host": "gateway", "X-Api-Key": self.key, **headers}
        return _head("POST /v2 HTTP/1.1", lines)

    def log_lines(self) -> list[dict[str, Any]]:
        """What has been logged, line by line."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def access_lines(self) -> list[dict[str, Any]]:
        """The access lines."""
        return [line for line in self.log_lines() if line["event"] == "request"]

    def counted(self, name: str, **labels: str) -> float:
        """The sum of all samples of a metric that have these labels, its name without prefix."""
        return sum(
            sample.value
            for metric in self.registry.collect()
            for sample in metric.samples
            if sample.name == f"mattebox_gateway_{name}" and labels.items() <= sample.labels.items()
        )

    def metrics(self) -> str:
        """The metrics, as a scraper sees them."""
        return generate_latest(self.registry).decode()


async def read_reply(reader: asyncio.StreamReader) -> Reply:
    """Reads one answer off a bare connection."""
    async with asyncio.timeout(PATIENCE_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("Content-Length", "0")))
        return Reply(int(status_line.split()[1]), headers, body)


async def read_final(reader: asyncio.StreamReader) -> Reply:
    """Reads one answer, past those that only say that it is to come."""
    while (reply := await read_reply(reader)).status == HTTPStatus.CONTINUE:
        pass
    return reply


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the connection is closed, gently or not."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@contextlib.asynccontextmanager
async def served_gateway(
    database: Database, target: str, tracer: Tracer = OFF, **sections: Any
) -> AsyncIterator[ServedGateway]:
    """Serves a gateway in front of ``target``; ``sections`` replace those of its settings."""
    defaults: dict[str, Any] = {
        "http": HttpSettings(port=0),
        "metrics": MetricsSettings(port=0),
        "segmenter": SegmenterSettings(target=target),
        "database": database.settings,
        "keys": database.keys,
    }
    settings = GatewaySettings(**{**defaults, **sections})
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(PATIENCE_S)
    ) as session:
        served = ServedGateway(0, database.key, session)
        log = open_log("debug", "json", served.log)
        async with (
            open_gateway(settings, served.registry, log, Lifecycle(), tracer) as gateway,
            listening(gateway, settings.http, log) as port,
        ):
            served.port, served.url = port, f"http://127.0.0.1:{port}"
            yield served


def image_form(image: bytes = b"an image", /, **fields: str) -> aiohttp.FormData:
    """A form as a decent client sends it."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("image_file", io.BytesIO(image), filename="photo.jpg", content_type="image/jpeg")
    return form


def multipart(*parts: tuple[str, bytes], boundary: str = "b") -> bytes:
    """A multipart body by hand, of names and contents."""
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    return body + f"--{boundary}--\r\n".encode()


def _head(request_line: str, headers: Mapping[str, str | int]) -> bytes:
    lines = [request_line, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
