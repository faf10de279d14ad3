import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.accounts.authentication import Authenticator
from gateway.accounts.caller import Caller
from gateway.accounts.keys import KeyRecord, generate_key
from gateway.errors import InvalidApiKeyError, MissingApiKeyError, SubscriptionInactiveError
from tests.unit.gateway.accounts.records import record_of

GOOD, SUSPENDED = generate_key("live"), generate_key("live")
KNOWN = {GOOD: record_of(GOOD), SUSPENDED: record_of(SUSPENDED, account_suspended=True)}


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"X-API-Key": "good"}, "/"),
        ({"x-api-key": " good "}, "/"),
        ({"Authorization": "Bearer good"}, "/"),
        ({"Authorization": "bearer   good"}, "/"),
        ({"Authorization": "api-key good"}, "/"),
        ({"Authorization": "Api-Key good"}, "/"),
        ({"Authorization": "TOKEN good"}, "/"),
        ({}, "/?api_key=good"),
        ({"X-Api-Key": "good", "Authorization": "Bearer bad"}, "/"),
        ({"X-Api-Key": "", "Authorization": "Bearer good"}, "/"),
        ({"X-Api-Key": "good"}, "/?api_key=bad"),
        ({"Authorization": "Bearer good"}, "/?api_key=bad"),
        ({"Authorization": "Basic dTpw"}, "/?api_key=good"),
    ],
)
def test_the_key_is_found(headers: dict[str, str], path: str) -> None:
    assert authenticator().key_in(request(path, headers)) == "good"


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({}, "/"),
        ({"X-Api-Key": " "}, "/"),
        ({"Authorization": "good"}, "/"),
        ({"Authorization": "Bearer"}, "/"),
        ({"Authorization": ""}, "/"),
        ({}, "/?api_key="),
        ({}, "/?api_key=%20"),
        ({}, "/?API_KEY=good"),
    ],
)
def test_no_key_is_none(headers: dict[str, str], path: str) -> None:
    assert authenticator().key_in(request(path, headers)) is None


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"API-KEY": "own", "X-Api-Key": "other", "Authorization": "Bearer third"}, "own"),
        ({"api-key": " own "}, "own"),
        ({"API-KEY": " ", "X-Api-Key": "other", "Authorization": "Bearer third"}, "other"),
        ({"Authorization": "Token third"}, "third"),
        ({}, None),
    ],
)
def test_the_header_of_a_dialect_comes_first_and_the_query_never(
    headers: dict[str, str], key: str | None
) -> None:
    asked = request("/?api_key=query", headers)

    assert authenticator().key_in(asked, "API-KEY") == key


def test_the_query_can_be_switched_off() -> None:
    closed = authenticator(query=False)

    assert closed.key_in(request("/?api_key=good", {})) is None
    assert closed.key_in(request("/?api_key=good", {"X-Api-Key": "header"})) == "header"


async def test_a_good_key_makes_a_caller() -> None:
    assert await authenticator().authenticate(GOOD) == Caller.of(KNOWN[GOOD])


@pytest.mark.parametrize("key", [None, ""])
async def test_no_key_is_told_apart(key: str | None) -> None:
    with pytest.raises(MissingApiKeyError) as refusal:
        await authenticator().authenticate(key)

    assert refusal.value.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["bad", generate_key("live"), GOOD[:-1]])
async def test_a_bad_key_is_told_apart(key: str) -> None:
    with pytest.raises(InvalidApiKeyError) as refusal:
        await authenticator().authenticate(key)

    assert refusal.value.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_of_a_suspended_account_is_told_apart() -> None:
    with pytest.raises(SubscriptionInactiveError):
        await authenticator().authenticate(SUSPENDED)


def authenticator(*, query: bool = True) -> Authenticator:
    async def recognise(key: str) -> KeyRecord | None:
        return KNOWN.get(key)

    return Authenticator(recognise, query=query)


def request(path: str, headers: dict[str, str]) -> web.Request:
    return make_mocked_request("POST", path, headers=headers)
