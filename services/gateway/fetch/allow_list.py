"""Says which addresses may be connected to: public ones, and those that the operator names."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from gateway.fetch.addresses import Address, Network, is_public, reached
from gateway.fetch.url import canonical_host


class AllowListError(ValueError):
    """The operator's setting names something that is no place; ``str(error)`` says what."""


@dataclass(frozen=True, slots=True)
class AllowList:
    """Networks and hosts that may be reached though they are not public."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "AllowList":
        """Reads CIDRs, single addresses and host names.

        Raises:
            AllowListError: names every entry that is none of these.
        """
        networks: list[Network] = []
        hosts: set[str] = set()
        problems: list[str] = []
        for entry in entries:
            try:
                networks.append(ip_network(entry))
            except ValueError:
                try:
                    hosts.add(_host_name(entry))
                except ValueError:
                    problems.append(entry)
        if problems:
            listed = ", ".join(repr(entry) for entry in problems)
            raise AllowListError(
                f"{listed}: neither a CIDR whose host bits are 0, nor an address, nor a host name."
            )
        return cls(tuple(networks), frozenset(hosts))

    def allows(self, host: str, address: Address) -> bool:
        """Whether ``host`` may be reached at ``address``.

        A named host may be anywhere. Elsewhere the address and all that it wraps must each be
        public or in a named network, so that naming a NAT64 prefix opens no private addresses.
        """
        return host in self.hosts or all(
            is_public(end) or self._names(end) for end in reached(address)
        )

    def _names(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _host_name(entry: str) -> str:
    if any(character in entry for character in "[]:/"):
        raise ValueError("not a host name")
    return canonical_host(entry)
