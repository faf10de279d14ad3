"""Connects to checked addresses only: every answer of the resolver, then each again before use."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import AddrInfoType, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.tracing import Trace

from gateway.fetch.addresses import Address, is_public, parse_address, reached
from gateway.fetch.allow_list import AllowList

RESOLVE_TIMEOUT_S = 2.0
MAX_ANSWERS = 16


class AddressRefusedError(OSError):
    """An address is neither public nor one that the operator has named."""

    def __init__(self) -> None:
        super().__init__("address refused")


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach hosts: their names, which of them, and whose certificates to trust.

    Without ``ssl_context`` certificates are checked against the authorities of the system.
    """

    resolver: AbstractResolver
    allow_list: AllowList
    ssl_context: ssl.SSLContext | None = None


class GuardedConnector(TCPConnector):
    """The connector of one request to one host; keeps neither connections nor names.

    Checking the resolver's answers alone would leave out literal addresses, which are not looked
    up; checking names and then connecting by name again would fall for names that change.
    """

    def __init__(self, host: str, network: Network) -> None:
        super().__init__(
            resolver=network.resolver,
            use_dns_cache=False,
            force_close=True,
            ssl=network.ssl_context or True,
            socket_factory=self.open_socket,
        )
        self._host = host
        self._allow_list = network.allow_list
        self._refused = False
        self._public = False

    @property
    def refused(self) -> bool:
        """Whether an address was refused."""
        return self._refused

    @property
    def public(self) -> bool:
        """Whether the host was found at public addresses only, without the operator's word."""
        return self._public

    def open_socket(self, address_info: AddrInfoType) -> socket.socket:
        """Makes the socket for an address that is about to be connected to.

        Raises:
            AddressRefusedError: if the address is not allowed.
        """
        family, kind, protocol, _, address = address_info
        self._check([str(address[0])])
        return socket.socket(family, kind, protocol)

    async def _resolve_host(
        self, host: str, port: int, traces: Sequence[Trace] | None = None
    ) -> list[ResolveResult]:
        # The name it is asked for is the one that the operator's list was asked about.
        if host != self._host:
            self._refused = True
            raise AddressRefusedError
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            answers = await super()._resolve_host(host, port, traces)
        if not 0 < len(answers) <= MAX_ANSWERS:
            raise OSError("no addresses, or too many")
        addresses = self._check([answer["host"] for answer in answers])
        self._public = all(is_public(end) for address in addresses for end in reached(address))
        return answers

    def _check(self, texts: Iterable[str]) -> list[Address]:
        """Refuses all addresses when one is bad: whoever mixes them means harm."""
        addresses = []
        for text in texts:
            address = parse_address(text)
            if address is None or not self._allow_list.allows(self._host, address):
                self._refused = True
                raise AddressRefusedError
            addresses.append(address)
        return addresses
