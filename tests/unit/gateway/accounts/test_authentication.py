import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.accounts.authentication import Authenticator, Caller
from gateway.accounts.keys import KeyRecord
from gateway.errors import InvalidApiKeyError, MissingApiKeyError

RECORD = KeyRecord("id", "live", "test", "0123456789abcdef", "2026-01-01T00:00:00+00:00")
KNOWN = {"good": RECORD}


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"X-API-Key": "good"}, "/"),
        ({"Authorization": "Bearer good"}, "/"),
        ({"Authorization": "api-key good"}, "/"),
        ({"Authorization": "TOKEN good"}, "/"),
        ({}, "/?api_key=good"),
        ({"X-Api-Key": "good", "Authorization": "Bearer bad"}, "/"),
        ({"X-Api-Key": "", "Authorization": "Bearer good"}, "/"),
        ({"X-Api-Key": "good"}, "/?api_key=bad"),
        ({"Authorization": "Basic dTpw"}, "/?api_key=good"),
    ],
)
def test_the_caller_is_found(headers: dict[str, str], path: str) -> None:
    caller = Authenticator(KNOWN.get, query=True).authenticate(_request(path, headers))

    assert caller == Caller("id", "live", "tok_fp_01234567")


@pytest.mark.parametrize(
    ("headers", "path"),
    [({}, "/"), ({"X-Api-Key": " "}, "/"), ({"Authorization": "good"}, "/"), ({}, "/?api_key=")],
)
def test_no_key_is_told_apart(headers: dict[str, str], path: str) -> None:
    with pytest.raises(MissingApiKeyError):
        Authenticator(KNOWN.get, query=True).authenticate(_request(path, headers))


@pytest.mark.parametrize(
    ("headers", "path"),
    [({"X-Api-Key": "bad"}, "/?api_key=good"), ({"Authorization": "Bearer bad"}, "/")],
)
def test_a_bad_key_is_told_apart_and_hides_no_good_one(headers: dict[str, str], path: str) -> None:
    with pytest.raises(InvalidApiKeyError):
        Authenticator(KNOWN.get, query=True).authenticate(_request(path, headers))


def test_the_query_can_be_switched_off() -> None:
    with pytest.raises(MissingApiKeyError):
        Authenticator(KNOWN.get, query=False).authenticate(_request("/?api_key=good", {}))


def _request(path: str, headers: dict[str, str]) -> web.Request:
    return make_mocked_request("POST", path, headers=headers)
