import pytest

from gateway.fetch.addresses import parse_address
from gateway.fetch.allow_list import AllowList
from tests.unit.gateway.fetch.conftest import Loopback
from tests.unit.gateway.fetch.upstream import ALLOWED, http_answer


@pytest.mark.parametrize(
    ("entry", "host", "address", "allowed"),
    [
        ("10.0.0.0/8", "a.test", "10.255.255.255", True),
        ("10.0.0.0/8", "a.test", "11.0.0.0", True),
        ("10.0.0.0/8", "a.test", "127.0.0.1", False),
        ("10.0.0.1", "a.test", "10.0.0.1", True),
        ("10.0.0.1", "a.test", "10.0.0.2", False),
        ("fd00::/8", "a.test", "fd12::1", True),
        ("fd00::/8", "a.test", "fc00::1", False),
        ("minio.internal", "minio.internal", "10.0.0.1", True),
        ("MinIO.internal.", "minio.internal", "169.254.169.254", True),
        ("minio.internal", "a.minio.internal", "10.0.0.1", False),
        ("minio", "minio", "10.0.0.1", True),
        ("münchen.test", "xn--mnchen-3ya.test", "10.0.0.1", True),
        # A network is what it says: no other spelling of its addresses, and nothing behind it.
        ("10.0.0.0/8", "a.test", "::ffff:10.0.0.1", False),
        ("::ffff:10.0.0.0/104", "a.test", "::ffff:10.0.0.1", False),
        ("64:ff9b::/96", "a.test", "64:ff9b::8.8.8.8", True),
        ("64:ff9b::/96", "a.test", "64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::/96", "a.test", "64:ff9b::10.0.0.1", False),
    ],
)
def test_entries_open_what_they_name(entry: str, host: str, address: str, allowed: bool) -> None:
    parsed = parse_address(address)
    assert parsed is not None

    assert AllowList.parse([entry]).allows(host, parsed) is allowed


def test_a_wrapper_and_what_it_wraps_can_be_named_together() -> None:
    allow_list = AllowList.parse(["64:ff9b::/96", "10.0.0.0/8"])
    address = parse_address("64:ff9b::10.0.0.1")
    assert address is not None

    assert allow_list.allows("a.test", address)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0",
        "127.1",
        "10.0.0.256",
        "http://minio",
        "minio:9000",
        "minio/bucket",
        "*.internal",
        "a b",
        "[::1]",
        "::1/129",
        "user@minio",
        "a..b",
        "-a",
    ],
)
def test_other_entries_are_told_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a CIDR") as raised:
        AllowList.parse(["10.0.0.0/8", entry, "minio"])

    assert str(raised.value).startswith(f"{entry!r}: ")


def test_all_wrong_entries_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"'10\.0\.0', '\*\.internal'"):
        AllowList.parse(["10.0.0", "minio", "*.internal"])


@pytest.mark.parametrize("allow", [ALLOWED, "127.0.0.0/31", "good.test", "GOOD.test."])
async def test_a_named_network_or_host_can_be_fetched_from(loopback: Loopback, allow: str) -> None:
    loopback.upstream.answers["/"] = http_answer(body=b"picture")

    assert await loopback.fetch(loopback.url(), allow=(allow,)) == b"picture"


async def test_other_hosts_at_the_address_of_a_named_one_cannot(loopback: Loopback) -> None:
    loopback.nameserver.say("bad.test", [ALLOWED])

    error = await loopback.failure(loopback.url(host="bad.test"), allow=("good.test",))

    assert error.detail == "address_refused"
    assert loopback.connected == []


async def test_a_named_host_opens_no_further_port(loopback: Loopback) -> None:
    error = await loopback.failure("http://good.test:1/", allow=("good.test",))

    assert error.code == "invalid_image_url"
