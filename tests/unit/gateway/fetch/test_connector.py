import socket
import ssl

import aiohappyeyeballs
import pytest
import trustme
from aiohttp import AddrInfoType, ClientConnectorDNSError, ClientSession

from gateway.fetch import connector
from gateway.fetch.allow_list import AllowList
from gateway.fetch.connector import (
    MAX_ANSWERS,
    AddressRefusedError,
    GuardedConnector,
    Network,
)
from tests.unit.gateway.fetch.conftest import Loopback
from tests.unit.gateway.fetch.nameserver import LoopbackResolver
from tests.unit.gateway.fetch.upstream import ALLOWED, Upstream, http_answer, listening, redirect

PICTURE = b"\x89PNG and so on"


def guarded(loopback: Loopback, host: str = "good.test") -> GuardedConnector:
    resolver = LoopbackResolver(loopback.nameserver.endpoint)
    return GuardedConnector(host, Network(resolver, AllowList.parse([ALLOWED])))


def info(host: str, port: int) -> AddrInfoType:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = (host, port, 0, 0) if ":" in host else (host, port)
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)


class TestAnswers:
    @pytest.mark.parametrize("spare", [0, 1])
    async def test_there_are_so_many_and_no_more(self, loopback: Loopback, spare: int) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)
        loopback.nameserver.say("many.test", [ALLOWED] * (MAX_ANSWERS + spare))

        if spare:
            error = await loopback.failure(loopback.url(host="many.test"))
            assert error.detail == "unresolved"
            assert loopback.connected == []
        else:
            assert await loopback.fetch(loopback.url(host="many.test")) == PICTURE

    async def test_a_name_without_addresses_is_unresolved(self, loopback: Loopback) -> None:
        loopback.nameserver.say("empty.test", [])

        error = await loopback.failure(loopback.url(host="empty.test"))

        assert error.detail == "unresolved"

    async def test_a_nameserver_that_says_nothing_is_given_up(
        self, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connector, "RESOLVE_TIMEOUT_S", 0.05)
        loopback.nameserver.be_silent("silent.test")
        url = loopback.url(host="silent.test")

        error = await loopback.failure(url, connect_timeout_s=60, total_timeout_s=60)

        assert error.detail == "timeout"

    async def test_all_addresses_of_a_name_are_tried(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)
        loopback.nameserver.say("two.test", ["127.0.0.9", ALLOWED])

        image = await loopback.fetch(loopback.url(host="two.test"), allow=("127.0.0.9", ALLOWED))

        assert image == PICTURE
        assert loopback.connected == ["127.0.0.9", ALLOWED]

    async def test_no_name_is_kept(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)
        fetcher = loopback.fetcher()

        for _ in range(3):
            await fetcher.fetch(loopback.url(), "key", lambda _size_bytes: None)

        assert loopback.nameserver.asked("good.test") == 3

    async def test_it_serves_the_one_host_it_was_made_for(self, loopback: Loopback) -> None:
        async with ClientSession(connector=guarded(loopback, "other.test")) as session:
            with pytest.raises(ClientConnectorDNSError):
                await session.get(loopback.url())

        assert loopback.nameserver.queries.total() == 0
        assert loopback.connected == []


class TestSockets:
    @pytest.mark.parametrize("host", ["127.0.0.2", "::1", "::ffff:127.0.0.1", "10.0.0.1"])
    async def test_none_is_made_for_an_address_that_is_refused(
        self, loopback: Loopback, host: str
    ) -> None:
        guard = guarded(loopback)
        async with guard:
            with pytest.raises(AddressRefusedError):
                guard.open_socket(info(host, loopback.port))

            assert guard.refused

    @pytest.mark.parametrize("delay_s", [None, 0.25])
    async def test_of_several_addresses_only_allowed_ones_are_connected_to(
        self, loopback: Loopback, delay_s: float | None
    ) -> None:
        infos = [info(host, loopback.port) for host in ("127.0.0.2", "::1", ALLOWED, "127.0.0.3")]
        guard = guarded(loopback)
        async with guard:
            connected = await aiohappyeyeballs.start_connection(
                infos, happy_eyeballs_delay=delay_s, socket_factory=guard.open_socket
            )
            connected.close()

        assert loopback.connected == [ALLOWED]

    async def test_of_several_bad_addresses_none_is_connected_to(self, loopback: Loopback) -> None:
        infos = [info(host, loopback.port) for host in ("127.0.0.2", "::1", "127.0.0.3")]
        guard = guarded(loopback)
        async with guard:
            with pytest.raises(OSError, match="refused"):
                await aiohappyeyeballs.start_connection(
                    infos, happy_eyeballs_delay=0.25, socket_factory=guard.open_socket
                )

        assert loopback.connected == []


class TestCertificates:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def trusting(self, authority: trustme.CA) -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    @pytest.fixture
    def names(self) -> list[str]:
        return []

    @pytest.fixture
    def serving(self, authority: trustme.CA, names: list[str]) -> ssl.SSLContext:
        def note(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            names.append(name or "")

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("good.test", ALLOWED).configure_cert(context)
        context.sni_callback = note
        return context

    async def test_the_right_name_is_asked_for_and_trusted(
        self,
        loopback: Loopback,
        serving: ssl.SSLContext,
        trusting: ssl.SSLContext,
        names: list[str],
    ) -> None:
        upstream = _picture_server()
        async with listening(upstream, ALLOWED, tls=serving) as port:
            image = await loopback.fetch(f"https://good.test:{port}/", ports=(port,), tls=trusting)

        assert image == PICTURE
        assert names == ["good.test"]

    async def test_an_address_can_have_a_certificate(
        self, loopback: Loopback, serving: ssl.SSLContext, trusting: ssl.SSLContext
    ) -> None:
        async with listening(_picture_server(), ALLOWED, tls=serving) as port:
            url = f"https://{ALLOWED}:{port}/"
            assert await loopback.fetch(url, ports=(port,), tls=trusting) == PICTURE

    async def test_a_certificate_of_another_name_is_refused(
        self, loopback: Loopback, serving: ssl.SSLContext, trusting: ssl.SSLContext
    ) -> None:
        loopback.nameserver.say("other.test", [ALLOWED])
        upstream = _picture_server()
        async with listening(upstream, ALLOWED, tls=serving) as port:
            url = f"https://other.test:{port}/"
            error = await loopback.failure(url, ports=(port,), tls=trusting)

        assert (str(error), error.detail) == ("cannot download image_url", "tls_failed")
        assert upstream.heads == []

    async def test_an_authority_that_the_system_does_not_know_is_refused(
        self, loopback: Loopback, serving: ssl.SSLContext
    ) -> None:
        upstream = _picture_server()
        async with listening(upstream, ALLOWED, tls=serving) as port:
            error = await loopback.failure(f"https://good.test:{port}/", ports=(port,))

        assert error.detail == "tls_failed"
        assert upstream.heads == []

    async def test_a_server_that_speaks_no_tls_is_refused(self, loopback: Loopback) -> None:
        error = await loopback.failure(
            loopback.url(scheme="https"), connect_timeout_s=0.1, total_timeout_s=60
        )

        assert error.detail in {"timeout", "tls_failed", "unreachable"}

    async def test_a_redirect_leaves_tls_for_nothing(
        self, loopback: Loopback, serving: ssl.SSLContext, trusting: ssl.SSLContext
    ) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)
        upstream = Upstream()
        upstream.answers["/"] = redirect(loopback.url())
        async with listening(upstream, ALLOWED, tls=serving) as port:
            ports = (port, loopback.port)
            error = await loopback.failure(f"https://good.test:{port}/", ports=ports, tls=trusting)

        assert error.detail == "redirect_refused"
        assert loopback.upstream.accepted == 0

    async def test_a_redirect_may_enter_tls(
        self, loopback: Loopback, serving: ssl.SSLContext, trusting: ssl.SSLContext
    ) -> None:
        async with listening(_picture_server(), ALLOWED, tls=serving) as port:
            loopback.upstream.answers["/"] = redirect(f"https://good.test:{port}/")
            ports = (port, loopback.port)
            image = await loopback.fetch(loopback.url(), ports=ports, tls=trusting)

        assert image == PICTURE


def _picture_server() -> Upstream:
    upstream = Upstream()
    upstream.answers["/"] = http_answer(body=PICTURE)
    return upstream
