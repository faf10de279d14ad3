"""What a gateway process connects to for `image_url`, the whole way in over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart
from tests.unit.gateway.fetch.nameserver import Nameserver, running_nameserver
from tests.unit.gateway.fetch.upstream import ALLOWED, Upstream, http_answer, redirect, surrounded

FAILED = "cannot download image_url"
INVALID = "invalid_image_url"
# One of each kind; all are tried on the fetcher alone, in its own tests.
FORBIDDEN = (
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.2",
    "::127.0.0.2",
    "::ffff:0:127.0.0.2",
    "64:ff9b::7f00:2",
    "64:ff9b:1::7f00:2",
    "2002:7f00:2::",
    "2001:0:7f00:2::f7f7:f7f7",
    "2a00:1450::5efe:127.0.0.2",
)
# Places that readers may see in them, each with a canary at the allowed port.
TRICKS = (
    "http://2130706434:{port}/",
    "http://0x7f000002:{port}/",
    "http://0x7f.2:{port}/",
    "http://0177.0.0.2:{port}/",
    "http://127.2:{port}/",
    "http://127.0.2:{port}/",
    "http://127.0.0.02:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[::1%lo]:{port}/",
    "http://::1:{port}/",
    "http://[127.0.0.2]:{port}/",
    "http://%31%32%37.0.0.2:{port}/",
    "http://127%2e0.0.2:{port}/",
    "http://good.test:{port}@127.0.0.2:{port}/",
    "http://good.test@127.0.0.2:{port}/",
    "http://127.0.0.2\\@good.test:{port}/",
    "http://good.test:{port}\\@127.0.0.2/",
    "http://good.test\t.evil.test:{port}/",
    "http://good.test\r\nHost: evil.test/",
    "http://good.test:{port}#@127.0.0.2:{port}\x00/",
    "http:/127.0.0.2:{port}/",
    "http:127.0.0.2:{port}/",
    "//127.0.0.2:{port}/",
    "http://good.test:1/",
    "https://127.0.0.2:22/",
    "file:///etc/passwd",
    "gopher://127.0.0.2:{port}/",
    "dict://127.0.0.2:{port}/",
    "ftp://127.0.0.2:{port}/",
    "unix:///run/service.sock",
    "http+unix://%2Frun%2Fservice.sock/",
    "data:image/png;base64,AAAA",
)
SAME_AS_LITERAL = ("①②⑦.⓪.⓪.②", "127。0。0。2", "127.0.0.2.", "\uff11\uff12\uff17.0.0.2")


@dataclass(frozen=True, slots=True)
class Fetching:
    """A gateway process, and everything that it can meet."""

    client: ServedGateway
    nameserver: Nameserver
    upstream: Upstream
    canary: Upstream
    port: int
    log: Path

    @property
    def connected(self) -> list[str]:
        """Where it has connected to."""
        return self.log.read_text().split()

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{path}"

    async def ask(self, url: str) -> Reply:
        return await self.client.post_body(multipart(("image_url", url.encode())))

    async def fails(self, url: str) -> None:
        """Asks for what is refused, or cannot be reached: nothing tells which."""
        reply = await self.ask(url)
        error = reply.error()
        assert (reply.status, error["code"]) == (400, "image_url_fetch_failed"), url
        assert (error["message"], error["details"]) == (FAILED, {})


@asynccontextmanager
async def running(
    database: Database, segmenter: FakeSegmenter, folder: Path, **variables: object
) -> AsyncIterator[Fetching]:
    upstream, canary, log = Upstream(), Upstream(), folder / "connected"
    canary.answers["/"] = upstream.answers["/image"] = http_answer(body=b"image")
    async with AsyncExitStack() as stack:
        nameserver = await stack.enter_async_context(running_nameserver())
        nameserver.say("good.test", [ALLOWED])
        port = await stack.enter_async_context(surrounded(upstream, canary))
        settings = settings_of(database, segmenter.target)
        settings |= {"FETCH_PORTS": f"80,443,{port}", "FETCH_ALLOW": ALLOWED, **variables}
        where, number = nameserver.endpoint
        module = "tests.integration.gateway.resolving_gateway"
        command = ("-m", module, where, str(number), str(log))
        gateway = await stack.enter_async_context(gateway_process(settings, command))
        served = (await gateway.logged("listening"))["port"]
        client = await stack.enter_async_context(client_of(served, database.key))
        yield Fetching(client, nameserver, upstream, canary, port, log)


@pytest.fixture
async def fetching(
    database: Database, segmenter: FakeSegmenter, tmp_path: Path
) -> AsyncIterator[Fetching]:
    async with running(database, segmenter, tmp_path) as fetching:
        yield fetching
        assert fetching.canary.accepted == 0


async def test_forbidden_literals_are_neither_looked_up_nor_connected_to(
    fetching: Fetching,
) -> None:
    for address in (*FORBIDDEN, *SAME_AS_LITERAL):
        await fetching.fails(fetching.url(address))

    assert fetching.nameserver.queries.total() == 0
    assert fetching.connected == []


async def test_names_of_forbidden_addresses_are_not_connected_to(fetching: Fetching) -> None:
    for number, address in enumerate(FORBIDDEN):
        fetching.nameserver.say(f"only{number}.test", [address])
        fetching.nameserver.say(f"second{number}.test", [ALLOWED, address])
        await fetching.fails(fetching.url(f"only{number}.test"))
        await fetching.fails(fetching.url(f"second{number}.test"))

    assert fetching.connected == []
    assert fetching.nameserver.asked("second0.test") == 1


async def test_redirects_to_forbidden_addresses_are_not_followed(fetching: Fetching) -> None:
    for number, address in enumerate(FORBIDDEN):
        fetching.upstream.answers[f"/{number}"] = redirect(fetching.url(address))
        await fetching.fails(fetching.url("good.test", f"/{number}"))

    assert fetching.connected == [ALLOWED] * len(FORBIDDEN)


async def test_names_that_change_are_not_connected_to_once_they_have(fetching: Fetching) -> None:
    fetching.upstream.answers["/"] = redirect("/again")
    for number, address in enumerate(FORBIDDEN):
        name = f"changing{number}.test"
        fetching.nameserver.say(name, [ALLOWED], [address])
        await fetching.fails(fetching.url(name))
        assert fetching.nameserver.asked(name) == 2

    assert fetching.connected == [ALLOWED] * len(FORBIDDEN)


async def test_urls_of_which_readers_make_different_ones_are_refused_unasked(
    fetching: Fetching,
) -> None:
    for trick in TRICKS:
        reply = await fetching.ask(trick.format(port=fetching.port))
        assert (reply.status, reply.error()["code"]) == (400, INVALID), trick

    assert fetching.nameserver.queries.total() == 0
    assert fetching.connected == []


async def test_unreachable_and_unknown_hosts_read_like_refused_ones(fetching: Fetching) -> None:
    fetching.nameserver.say("closed.test", [ALLOWED])

    await fetching.fails("http://closed.test/")
    await fetching.fails(fetching.url("nowhere.test"))


async def test_proxies_of_the_environment_are_not_asked(
    database: Database,
    segmenter: FakeSegmenter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Upstream()
    async with surrounded(Upstream(), asked) as port:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.2:{port}")
        monkeypatch.setenv("no_proxy", "")
        async with running(database, segmenter, tmp_path) as fetching:
            reply = await fetching.ask(fetching.url("good.test", "/image"))
            await fetching.fails(fetching.url("127.0.0.2"))

    assert (reply.status, segmenter.calls[0].image) == (200, b"image")
    assert asked.accepted == 0


async def test_switched_off_it_looks_nothing_up(
    database: Database, segmenter: FakeSegmenter, tmp_path: Path
) -> None:
    async with running(database, segmenter, tmp_path, FETCH_ENABLED=False) as fetching:
        reply = await fetching.ask(fetching.url("good.test", "/image"))

        assert (reply.status, reply.error()["code"]) == (400, INVALID)
        assert "switched off" in reply.error()["message"]
        assert fetching.nameserver.queries.total() == 0
        assert fetching.connected == []


async def test_nameserver_canaries_and_notes_do_see_what_gets_through(
    database: Database, segmenter: FakeSegmenter, tmp_path: Path
) -> None:
    async with running(database, segmenter, tmp_path, FETCH_ALLOW="127.0.0.0/8") as fetching:
        fetching.nameserver.say("evil.test", ["127.0.0.2"])
        reply = await fetching.ask(fetching.url("evil.test"))

        assert (reply.status, segmenter.calls[0].image) == (200, b"image")
        assert fetching.canary.accepted == 1
        assert fetching.connected == ["127.0.0.2"]
        assert fetching.nameserver.asked("evil.test") == 1
