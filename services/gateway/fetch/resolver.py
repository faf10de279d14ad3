"""Looks names up with the system's resolver, in threads of its own."""

import socket
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.fetch.look_ups import LookUpThreads

LOOK_UPS = 128
"""Look-ups at a time; one that is given up counts until the system gives up too.

Slow nameservers of others must not take the threads that the rest of the process works with, nor
a few keys all of these: that takes 16 keys with 8 downloads each. A thread that waits costs little.
"""


class SystemResolver(AbstractResolver):
    """Asks ``getaddrinfo``, and with it /etc/hosts, search domains and whatever else is set up."""

    def __init__(self) -> None:
        self._threads = LookUpThreads(LOOK_UPS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Returns the addresses of a host in the order in which to try them.

        Raises:
            OSError: if there are none, or they cannot be had.
        """
        look_up = partial(socket.getaddrinfo, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await self._threads.run(partial(look_up, host, port, family))
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Waits for no look-up."""
