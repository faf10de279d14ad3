"""Tells public addresses from all others. Pure: resolves nothing.

Python's ``is_global`` is of no use here: it changes between patch releases, and holds for multicast
and for IPv6 addresses that lead to private IPv4 ones.
"""

from collections.abc import Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PUBLIC, _REFUSED = True, False

# The special-purpose registries of IANA, what is deprecated or never delegated, and platform
# services that hide behind public addresses. What they call globally reachable (AS112, AMT, the
# anycast addresses of PCP and TURN) is infrastructure and has no pictures.
TABLE: dict[str, bool] = {
    "0.0.0.0/0": _PUBLIC,
    "0.0.0.0/8": _REFUSED,  # this host
    "10.0.0.0/8": _REFUSED,  # private
    "100.64.0.0/10": _REFUSED,  # carrier NAT; metadata of one cloud (100.100.100.200)
    "127.0.0.0/8": _REFUSED,  # loopback
    "168.63.129.16/32": _REFUSED,  # platform service of Azure
    "169.254.0.0/16": _REFUSED,  # link-local; metadata of most clouds
    "172.16.0.0/12": _REFUSED,  # private
    "192.0.0.0/24": _REFUSED,  # protocol assignments; a cloud's metadata (192.0.0.192)
    "192.0.2.0/24": _REFUSED,  # documentation
    "192.31.196.0/24": _REFUSED,  # AS112
    "192.52.193.0/24": _REFUSED,  # AMT
    "192.88.99.0/24": _REFUSED,  # 6to4 relays
    "192.168.0.0/16": _REFUSED,  # private
    "192.175.48.0/24": _REFUSED,  # AS112
    "198.18.0.0/15": _REFUSED,  # benchmarks
    "198.51.100.0/24": _REFUSED,  # documentation
    "203.0.113.0/24": _REFUSED,  # documentation
    "224.0.0.0/4": _REFUSED,  # multicast
    "240.0.0.0/4": _REFUSED,  # reserved, broadcast
    # All but 2000::/3: loopback, the IPv4 wrappers, NAT64, SRv6, unique, site- and link-local,
    # discard, multicast, and what nobody has assigned yet.
    "::/0": _REFUSED,
    "2000::/3": _PUBLIC,
    "2001::/23": _REFUSED,  # protocol assignments, Teredo
    "2001:db8::/32": _REFUSED,  # documentation
    "2002::/16": _REFUSED,  # 6to4
    "2620:4f:8000::/48": _REFUSED,  # AS112
    "3fff::/20": _REFUSED,  # documentation
}
"""Networks, and whether they are public; of those that an address is in the smallest counts."""

_LONGEST_FIRST: tuple[tuple[Network, bool], ...] = tuple(
    sorted(
        ((ip_network(cidr), public) for cidr, public in TABLE.items()),
        key=lambda row: row[0].prefixlen,
        reverse=True,
    )
)

# Prefixes of addresses whose last 32 bits are an IPv4 address: RFC 4291 2.5.5 (compatible and
# mapped), RFC 2765 2.1 (translated), RFC 6052 2.1 and RFC 8215 (NAT64).
_WITH_IPV4_LAST = tuple(
    IPv6Network(cidr)
    for cidr in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)

_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")

_ISATAP_MASK, _ISATAP = 0xFCFF_FFFF, 0x0000_5EFE
"""The bits of an ISATAP interface identifier that do not say whether it is unique or a group."""


def parse_address(text: str) -> Address | None:
    """Reads an address in its only canonical notations, scope included; None if it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether the table calls an address public; the longest prefix wins. Unwraps nothing."""
    for network, public in _LONGEST_FIRST:
        if address in network:
            return public
    return False


def reached(address: Address) -> Iterator[Address]:
    """Yields every address that a packet to ``address`` may end at: itself, then what it wraps."""
    yield address
    if isinstance(address, IPv6Address):
        for bits in _wrapped(address):
            yield IPv4Address(bits & 0xFFFF_FFFF)


def _wrapped(address: IPv6Address) -> Iterator[int]:
    """Yields IPv4 addresses in the low 32 bits of integers."""
    bits = int(address)
    if any(address in network for network in _WITH_IPV4_LAST):
        yield bits
    if address in _NAT64_LOCAL:
        # RFC 6052 2.2: prefixes of 48, 56 and 64 bits, then the address around a reserved octet.
        yield (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF
        yield (bits >> 64 & 0xFF) << 24 | bits >> 32 & 0xFF_FFFF
        yield bits >> 24
    if address in _SIX_TO_FOUR:
        yield bits >> 80
    if address in _TEREDO:
        # RFC 4380 4: the server as it is, the client with all its bits turned.
        yield bits >> 64
        yield ~bits
    if bits >> 32 & _ISATAP_MASK == _ISATAP:
        # RFC 5214 6.1
        yield bits
