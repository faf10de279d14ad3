"""A nameserver on loopback whose records change between queries, and a resolver of it."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import cast

from aiohttp.abc import AbstractResolver, ResolveResult
from dnslib import AAAA, QTYPE, RCODE, RR, A, DNSRecord

Endpoint = tuple[str, int]


class Nameserver(asyncio.DatagramProtocol):
    """Answers queries over UDP; what it was told of a name last holds for all later queries."""

    def __init__(self) -> None:
        self._answers: dict[str, list[list[str]]] = {}
        self._silent: set[str] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self.queries: Counter[tuple[str, str]] = Counter()

    def say(self, name: str, *answers: Sequence[str]) -> None:
        """Sets the addresses of a name for the first query, the second and so on."""
        self._answers[name] = [list(answer) for answer in answers]

    def be_silent(self, name: str) -> None:
        """Lets queries for a name go unanswered."""
        self._silent.add(name)

    def asked(self, name: str) -> int:
        """How many times the addresses of a name were asked for."""
        return self.queries[name, "A"]

    @property
    def endpoint(self) -> Endpoint:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # It has the methods of this class, and is none in all versions of Python.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Endpoint) -> None:
        query = DNSRecord.parse(data)
        name = str(query.q.qname).removesuffix(".")
        kind = QTYPE[query.q.qtype]
        earlier = self.queries[name, kind]
        self.queries[name, kind] += 1
        if name in self._silent:
            return
        reply = query.reply()
        answers = self._answers.get(name)
        if answers is None:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            for address in answers[min(earlier, len(answers) - 1)]:
                if (":" in address) == (kind == "AAAA"):
                    record = (
                        AAAA(tuple(ip_address(address).packed)) if kind == "AAAA" else A(address)
                    )
                    reply.add_answer(RR(name, query.q.qtype, rdata=record, ttl=0))
        assert self._transport is not None
        self._transport.sendto(reply.pack(), addr)


@asynccontextmanager
async def running_nameserver() -> AsyncIterator[Nameserver]:
    loop = asyncio.get_running_loop()
    transport, nameserver = await loop.create_datagram_endpoint(
        Nameserver, local_addr=("127.0.0.1", 0)
    )
    try:
        yield nameserver
    finally:
        transport.close()


class LoopbackResolver(AbstractResolver):
    """Asks one nameserver for both kinds of addresses, and caches nothing."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the interface has it
    ) -> list[ResolveResult]:
        replies = await asyncio.gather(self._ask(host, "A"), self._ask(host, "AAAA"))
        found = [str(record.rdata) for reply in replies for record in reply.rr]
        if not found:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Holds nothing open."""

    async def _ask(self, name: str, kind: str) -> DNSRecord:
        query = DNSRecord.question(name, kind)
        loop = asyncio.get_running_loop()
        transport, reply = await loop.create_datagram_endpoint(_Reply, remote_addr=self._endpoint)
        try:
            transport.sendto(query.pack())
            return DNSRecord.parse(await reply.came)
        finally:
            transport.close()


class _Reply(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Endpoint) -> None:  # noqa: ARG002
        if not self.came.done():
            self.came.set_result(data)
