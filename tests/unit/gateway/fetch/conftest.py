"""The network of these tests: a nameserver, a server that may be reached, and canaries."""

import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.errors import ApiError
from gateway.fetch import addresses
from gateway.fetch.client import ImageFetcher
from gateway.settings import FetchSettings
from tests.unit.gateway.fetch.nameserver import LoopbackResolver, Nameserver, running_nameserver
from tests.unit.gateway.fetch.upstream import ALLOWED, Upstream, surrounded

IMAGE_BYTES = 100_000


def any_size(_size_bytes: int) -> None:
    """Takes images of every size."""


@dataclass
class Loopback:
    """Everything a fetcher can meet."""

    nameserver: Nameserver
    upstream: Upstream
    canary: Upstream
    port: int
    connected: list[str]
    outcomes: list[str] = field(default_factory=list)

    def fetcher(self, *, tls: ssl.SSLContext | None = None, **settings: Any) -> ImageFetcher:
        """Makes a fetcher that may use the port, and the allowed address unless told otherwise."""
        return ImageFetcher(
            FetchSettings(**({"ports": (self.port,), "allow": (ALLOWED,)} | settings)),
            IMAGE_BYTES,
            self.outcomes.append,
            resolver=LoopbackResolver(self.nameserver.endpoint),
            ssl_context=tls,
        )

    async def fetch(self, url: str, **settings: Any) -> bytes:
        fetcher = self.fetcher(**settings)
        image = await fetcher.fetch(url, "key", any_size)
        await fetcher.close()
        return image

    async def failure(self, url: str, **settings: Any) -> ApiError:
        """Fetches what must fail, and returns how; no canary may have been touched."""
        self.outcomes.clear()
        with pytest.raises(ApiError) as raised:
            await self.fetch(url, **settings)
        assert self.canary.accepted == 0
        assert self.outcomes == [raised.value.detail]
        return raised.value

    def url(self, path: str = "/", host: str = "good.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@pytest.fixture
async def loopback(connected: list[str]) -> AsyncIterator[Loopback]:
    upstream, canary = Upstream(), Upstream()
    async with AsyncExitStack() as stack:
        nameserver = await stack.enter_async_context(running_nameserver())
        port = await stack.enter_async_context(surrounded(upstream, canary))
        nameserver.say("good.test", [ALLOWED])
        yield Loopback(nameserver, upstream, canary, port, connected)


@pytest.fixture
def as_if_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the allowed address to the table of public ones."""
    row = (ip_network(ALLOWED), True)
    monkeypatch.setattr(addresses, "_LONGEST_FIRST", (row, *addresses._LONGEST_FIRST))  # noqa: SLF001


@pytest.fixture
def connected() -> Iterator[list[str]]:
    """Names every address that this process tries to open a connection to during a test."""
    _tried.clear()
    _TRIED_IS_ON.append(True)
    yield _tried
    _TRIED_IS_ON.clear()


# An audit hook cannot be taken out again, so there is one, which is idle between the tests.
_tried: list[str] = []
_TRIED_IS_ON: list[bool] = []


def _note_connect(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _TRIED_IS_ON:
        connecting, address = arguments
        if connecting.type == socket.SOCK_STREAM and connecting.family != socket.AF_UNIX:
            _tried.append(str(address[0]))


sys.addaudithook(_note_connect)
