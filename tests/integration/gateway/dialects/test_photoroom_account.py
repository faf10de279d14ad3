"""Photoroom's account, in the version of its own path and in that of its host."""

import pytest

from gateway.settings import DialectsSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.dialects.photoroom_client import ACCOUNT, account_failure, get, post
from tests.integration.gateway.served_gateway import (
    ServedGateway,
)

HOSTS_ACCOUNT = "/v2/account"
HOST = "image-api.photoroom.com"


@pytest.mark.parametrize("path", [ACCOUNT, f"{ACCOUNT}/"])
async def test_the_account_tells_of_credits(serve_gateway: ServeGateway, path: str) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(credits=4321))

    reply = await get(gateway, path)

    assert reply.status == 200
    assert reply.json() == {"credits": {"available": 4321, "subscription": 4321}}
    assert reply.headers["X-RateLimit-Remaining"] == "599"


async def test_the_account_has_a_million_credits_by_default(gateway: ServedGateway) -> None:
    credit = {"available": 1_000_000, "subscription": 1_000_000}

    assert (await get(gateway)).json() == {"credits": credit}


async def test_the_account_tells_errors_in_a_shape_of_its_own(gateway: ServedGateway) -> None:
    stranger = await gateway.ask("GET", ACCOUNT)
    wrong = await gateway.ask("GET", ACCOUNT, headers={"x-api-key": "nonsense"})
    posted = await gateway.ask("POST", ACCOUNT)

    assert account_failure(stranger) == (400, "apiKey: Required")
    assert account_failure(wrong) == (403, "Unauthorized")
    assert account_failure(posted)[0] == 405
    assert posted.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:8080"])
@pytest.mark.parametrize("path", [HOSTS_ACCOUNT, f"{HOSTS_ACCOUNT}/"])
async def test_with_the_setting_the_host_has_its_own_account(
    serve_gateway: ServeGateway, host: str, path: str
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(photoroom_host=True))
    headers = {"Host": host}

    reply = await get(gateway, path, headers)
    stranger = await gateway.ask("GET", path, headers=headers)
    posted = await post(gateway, b"", headers, path)

    credit = {"available": 1_000_000, "subscription": 1_000_000}
    assert (reply.status, set(reply.json())) == (200, {"images", "plan"})
    assert reply.json()["images"] == credit
    assert isinstance(reply.json()["plan"], str)
    assert account_failure(stranger) == (400, "apiKey: Required")
    assert account_failure(posted)[0] == 405


@pytest.mark.parametrize(
    ("has_setting", "headers"),
    [
        (False, {"Host": HOST}),
        (True, {}),
        (True, {"Host": f"x.{HOST}"}),
        (True, {"X-Forwarded-Host": HOST}),
        (True, {"Forwarded": f"host={HOST}"}),
    ],
    ids=["setting off", "no such host", "another host", "X-Forwarded-Host", "Forwarded"],
)
async def test_else_the_account_is_the_native_one(
    serve_gateway: ServeGateway, has_setting: bool, headers: dict[str, str]
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(photoroom_host=has_setting))

    reply = await get(gateway, HOSTS_ACCOUNT, headers)
    stranger = await gateway.ask("GET", HOSTS_ACCOUNT, headers=headers)

    assert "usage" in reply.json()
    assert stranger.error()["code"] == "missing_api_key"


async def test_other_paths_of_the_host_are_native(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(photoroom_host=True))

    reply = await gateway.ask("POST", "/v2/edit", headers={"Host": HOST})

    assert reply.error()["code"] == "not_found"
