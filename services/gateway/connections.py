"""Which connections a port holds open, and which make room. Knows neither HTTP nor sockets."""

import asyncio
import enum
import time
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

SPARE_S = 1.0
"""Seconds for which a connection need not make room: time enough to send a request."""

_NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that its holder cannot change."""


class Connection(Protocol):
    """An open connection, as far as its number goes."""

    def make_room(self) -> bool:
        """Closes the connection, or tells by False that it is not idle."""

    def wind_up(self, *, await_first: bool) -> None:
        """Closes it if it is idle, else once the request that is under way is answered.

        With ``await_first`` one that never brought a request counts as busy: whoever has just
        connected is about to send one.
        """


class Turned(enum.StrEnum):
    """Why a connection was closed for want of room."""

    FULL = "full"
    ADDRESS = "address"
    MADE_ROOM = "made_room"


class Connections:
    """At most so many connections at a time, in all and from one address."""

    def __init__(
        self,
        most: int,
        most_per_address: int | None,
        on_turned: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Tells ``on_turned`` a word of ``Turned`` for each connection closed for want of room."""
        self._most = most
        self._most_per_address = most_per_address
        self._on_turned = on_turned
        self._clock = clock
        self._addresses: dict[Connection, str] = {}
        self._from: Counter[str] = Counter()
        # Since when each waits for a request; the one that has waited longest comes first.
        self._waiting: dict[Connection, float] = {}
        self.ending = False
        """Whether those that come are to bring one request and go."""
        self._none_open = asyncio.Event()
        self._none_open.set()

    def __iter__(self) -> Iterator[Connection]:
        """All that are open."""
        return iter(self._addresses)

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._addresses)

    def admit(self, connection: Connection, address: str) -> bool:
        """Takes a connection in; False if there is no room for it.

        Where the port is full, the connection that has waited longest for a request makes room.
        """
        holder = _holder(address)
        share = self._most_per_address
        if share is not None and self._from[holder] >= share:
            self._on_turned(Turned.ADDRESS)
            return False
        if self.open >= self._most and not self._make_room():
            self._on_turned(Turned.FULL)
            return False
        self._addresses[connection] = holder
        self._none_open.clear()
        self._from[holder] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """Forgets a connection, if it was taken in."""
        self._waiting.pop(connection, None)
        holder = self._addresses.pop(connection, None)
        if holder is not None:
            self._from[holder] -= 1
            if not self._from[holder]:
                del self._from[holder]
        if not self._addresses:
            self._none_open.set()

    async def all_left(self) -> None:
        """Returns when none is open."""
        await self._none_open.wait()

    def waits(self, connection: Connection) -> None:
        """Tells that a connection has no request under way from now on."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = self._clock()

    def works(self, connection: Connection) -> None:
        """Tells that a connection has a request under way."""
        self._waiting.pop(connection, None)

    def _make_room(self) -> bool:
        while self._waiting:
            connection, since_s = next(iter(self._waiting.items()))
            if self._clock() - since_s < SPARE_S:
                return False
            del self._waiting[connection]
            if connection.make_room():
                self._on_turned(Turned.MADE_ROOM)
                return True
        return False


def _holder(address: str) -> str:
    """What counts as one address: of IPv6 a whole network, since one host has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:  # not of the internet
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((int(parsed), _NETWORK_OF_ONE), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
