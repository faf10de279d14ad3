import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fetch.addresses import is_public, parse_address, reached
from tests.unit.gateway.fetch.forbidden_addresses import FORBIDDEN

EDGES = [
    # Each range, its first and last address, and the neighbours that are public.
    ("0.0.0.0", "0.255.255.255", None, "1.0.0.0"),  # noqa: S104
    ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
    ("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"),
    ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
    ("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"),
    ("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"),
    ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
    ("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"),
    ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0", "255.255.255.255", "223.255.255.255", None),
    ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None, "2000::"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::", "2001:200::"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::", "2001:db9::"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff::", "2003::"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff::", "2620:4f:7fff:ffff::", "2620:4f:8001::"),
    ("3fff::", "3fff:fff:ffff:ffff::", "3ffe:ffff::", "3fff:1000::"),
    ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::", None),
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_forbidden_address_is_public_all_the_way(address: str) -> None:
    assert not _public_all_the_way(address)


@pytest.mark.parametrize(("first", "last", "before", "after"), EDGES)
def test_ranges_end_where_they_end(
    first: str, last: str, before: str | None, after: str | None
) -> None:
    assert not _public(first)
    assert not _public(last)
    assert before is None or _public(before)
    assert after is None or _public(after)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert _public_all_the_way(address)


@pytest.mark.parametrize(
    ("address", "wrapped"),
    [
        ("8.8.8.8", []),
        ("2606:4700::1111", []),
        ("::ffff:10.0.0.1", ["10.0.0.1"]),
        ("::10.0.0.1", ["10.0.0.1"]),
        ("::ffff:0:10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b::10.0.0.1", ["10.0.0.1"]),
        ("2002:a00:1::1", ["10.0.0.1"]),
        ("2001:0:102:304::f5ff:fffe", ["1.2.3.4", "10.0.0.1"]),
        ("2a00::5efe:10.0.0.1", ["10.0.0.1"]),
        ("2a00::200:5efe:10.0.0.1", ["10.0.0.1"]),
        ("2a00::5eff:10.0.0.1", []),
        # The last 32 bits, and what prefixes of 48, 56 and 64 bits would put there.
        ("64:ff9b:1::10.0.0.1", ["10.0.0.1", "0.0.0.0", "0.0.0.0", "0.0.0.10"]),  # noqa: S104
        ("64:ff9b:1:a00:0:100::", ["0.0.0.0", "10.0.0.1", "0.0.1.0", "0.1.0.0"]),  # noqa: S104
        ("64:ff9b:1:a:0:1::", ["0.0.0.0", "0.10.0.0", "10.0.0.1", "0.0.1.0"]),  # noqa: S104
        ("64:ff9b:1:0:a:0:100::", ["1.0.0.0", "0.0.10.0", "0.10.0.0", "10.0.0.1"]),
    ],
)
def test_wrapped_addresses_are_found(address: str, wrapped: list[str]) -> None:
    parsed = parse_address(address)
    assert parsed is not None

    assert [str(end) for end in reached(parsed)][1:] == wrapped


def test_a_public_wrapper_of_a_private_address_is_given_away_by_what_it_wraps() -> None:
    assert _public("2a00:1450::5efe:127.0.0.1")
    assert not _public_all_the_way("2a00:1450::5efe:127.0.0.1")
    assert _public_all_the_way("2a00:1450::5efe:8.8.8.8")


def test_the_scope_of_an_address_makes_it_no_better() -> None:
    assert not _public("fe80::1%eth0")


@pytest.mark.parametrize(
    "text", ["", "127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.", "::1::", "a.b"]
)
def test_other_notations_are_no_addresses(text: str) -> None:
    assert parse_address(text) is None


@given(st.ip_addresses())
def test_whatever_python_calls_special_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    special = (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )
    assert not (special and is_public(address))


def _public(text: str) -> bool:
    address = parse_address(text)
    assert address is not None
    return is_public(address)


def _public_all_the_way(text: str) -> bool:
    address = parse_address(text)
    assert address is not None
    return all(map(is_public, reached(address)))
