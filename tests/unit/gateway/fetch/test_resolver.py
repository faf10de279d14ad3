import socket

import pytest

from gateway.fetch.resolver import SystemResolver


async def test_addresses_of_the_system_are_found_with_their_families() -> None:
    resolver = SystemResolver()

    (found,) = await resolver.resolve("127.0.0.1", 80)
    await resolver.close()

    assert (found["host"], found["port"], found["hostname"]) == ("127.0.0.1", 80, "127.0.0.1")
    assert found["family"] == socket.AF_INET


async def test_a_host_without_an_address_of_the_family_is_an_error() -> None:
    resolver = SystemResolver()

    with pytest.raises(socket.gaierror):
        await resolver.resolve("::1", 80, socket.AF_INET)
    await resolver.close()
