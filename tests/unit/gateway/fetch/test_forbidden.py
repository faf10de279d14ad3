"""Every forbidden address in every way that it can be brought in: none is ever connected to."""

import pytest

from gateway.errors import FetchFailedError
from gateway.fetch.client import ImageFetcher
from gateway.settings import FetchSettings
from tests.unit.gateway.fetch.conftest import Loopback, any_size
from tests.unit.gateway.fetch.forbidden_addresses import FORBIDDEN
from tests.unit.gateway.fetch.upstream import ALLOWED, http_answer, redirect

# The allowed address is itself among the forbidden ones as long as nobody allows it.
ADDRESSES = [address for address in FORBIDDEN if address != ALLOWED]


def test_there_are_enough_of_them() -> None:
    assert len(set(FORBIDDEN)) == len(FORBIDDEN) >= 60


@pytest.mark.parametrize("address", ADDRESSES)
async def test_as_a_literal(loopback: Loopback, address: str) -> None:
    await _refused(loopback, _literal(address))

    assert loopback.connected == []
    assert loopback.nameserver.queries.total() == 0


@pytest.mark.parametrize("address", ADDRESSES)
async def test_as_the_answer_of_a_nameserver(loopback: Loopback, address: str) -> None:
    loopback.nameserver.say("evil.test", [address])

    await _refused(loopback, "evil.test")

    assert loopback.connected == []
    assert loopback.nameserver.asked("evil.test") == 1


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_as_one_of_two_answers(loopback: Loopback, address: str, order: int) -> None:
    loopback.nameserver.say("evil.test", [ALLOWED, address][::order])

    await _refused(loopback, "evil.test")

    assert loopback.connected == []


@pytest.mark.parametrize("address", ADDRESSES)
async def test_as_the_target_of_a_redirect(loopback: Loopback, address: str) -> None:
    target = loopback.url(host=_literal(address))
    loopback.upstream.answers["/"] = redirect(target)

    await _refused(loopback, "good.test")

    assert loopback.connected == [ALLOWED]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_by_a_name_that_changes_between_queries(loopback: Loopback, address: str) -> None:
    loopback.nameserver.say("evil.test", [ALLOWED], [address])
    loopback.upstream.answers["/"] = redirect("/again")

    await _refused(loopback, "evil.test")

    assert loopback.connected == [ALLOWED]
    assert loopback.nameserver.asked("evil.test") == 2


async def test_by_a_name_that_changes_before_a_request_is_repeated(loopback: Loopback) -> None:
    loopback.nameserver.say("evil.test", [ALLOWED], ["127.0.0.2"])
    # A server that hangs up is asked again, over a new connection.
    loopback.upstream.answers["/"] = b""

    await _refused(loopback, "evil.test")

    assert loopback.connected == [ALLOWED]
    assert loopback.nameserver.asked("evil.test") == 2


async def test_by_a_name_of_the_system(loopback: Loopback) -> None:
    fetcher = ImageFetcher(FetchSettings(ports=(loopback.port,)), 1, loopback.outcomes.append)

    with pytest.raises(FetchFailedError):
        await fetcher.fetch(loopback.url(host="localhost"), "key", any_size)
    await fetcher.close()

    assert loopback.outcomes == ["address_refused"]
    assert loopback.connected == []


@pytest.mark.parametrize(
    "host", ["①②⑦.⓪.⓪.②", "127。0。0。2", "127.0.0.2.", "\uff11\uff12\uff17.0.0.2"]
)
async def test_in_other_digits_and_dots(loopback: Loopback, host: str) -> None:
    await _refused(loopback, host)

    assert loopback.connected == []


async def test_canaries_and_the_list_of_connections_do_notice_what_gets_through(
    loopback: Loopback,
) -> None:
    loopback.canary.answers["/"] = http_answer(body=b"reached")
    loopback.nameserver.say("evil.test", ["127.0.0.2"])

    reached = await loopback.fetch(loopback.url(host="evil.test"), allow=("127.0.0.0/8",))

    assert reached == b"reached"
    assert loopback.canary.accepted == 1
    assert loopback.connected == ["127.0.0.2"]


async def _refused(loopback: Loopback, host: str) -> None:
    error = await loopback.failure(loopback.url(host=host))

    assert isinstance(error, FetchFailedError)
    assert str(error) == "cannot download image_url"
    assert error.detail == "address_refused"


def _literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address
