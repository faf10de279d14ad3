import asyncio

import pytest

from gateway.accounts.keys import generate_key
from gateway.settings import KeysSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway, image_form


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-api-key", "{key}"),
        ("X-API-KEY", " {key} "),
        ("Authorization", "Bearer {key}"),
        ("Authorization", "bEARER  {key}"),
        ("Authorization", "Token {key}"),
        ("Authorization", "Api-Key {key}"),
    ],
)
async def test_each_form_of_header_is_accepted(
    gateway: ServedGateway, header: str, value: str
) -> None:
    headers = {header: value.format(key=gateway.key)}

    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    assert reply.status == 200


async def test_a_key_in_the_query_is_accepted(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", f"/v2?api_key={gateway.key}", data=image_form())

    assert reply.status == 200


async def test_a_key_in_the_query_is_no_key_where_that_is_switched_off(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(keys=KeysSettings(query=False))

    reply = await gateway.ask("POST", f"/v2?api_key={gateway.key}", data=image_form())

    assert (reply.status, reply.error()["code"]) == (401, "missing_api_key")


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": ""}, {"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Bearer"}],
)
async def test_no_key_is_401_missing_api_key(
    gateway: ServedGateway, segmenter: FakeSegmenter, headers: dict[str, str]
) -> None:
    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    error = reply.error()
    assert (reply.status, error["code"]) == (401, "missing_api_key")
    assert error["message"] == "Missing API key."
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="mattebox"'
    assert segmenter.calls == []


@pytest.mark.parametrize("key", ["nonsense", "mb_live_x", generate_key("live"), "\u00e9", "a b"])
async def test_a_key_that_is_not_ours_is_401_invalid_api_key(
    gateway: ServedGateway, segmenter: FakeSegmenter, key: str
) -> None:
    headers = {"x-api-key": key}

    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    error = reply.error()
    assert (reply.status, error["code"]) == (401, "invalid_api_key")
    assert error["message"] == "Invalid or revoked API key."
    assert "invalid_token" in reply.headers["WWW-Authenticate"]
    assert segmenter.calls == []


async def test_the_header_wins_over_the_query(gateway: ServedGateway) -> None:
    path = f"/v2?api_key={gateway.key}"
    headers = {"x-api-key": generate_key("live")}

    refused = await gateway.ask("POST", path, data=image_form(), headers=headers)
    served = await gateway.ask(
        "POST", "/v2?api_key=nonsense", data=image_form(), headers={"x-api-key": gateway.key}
    )

    assert (refused.status, served.status) == (401, 200)


@pytest.mark.parametrize("change", ["revoked", "its account deleted"])
async def test_a_revoked_key_is_refused_by_every_gateway_within_seconds(
    serve_gateway: ServeGateway, database: Database, change: str
) -> None:
    gateways = [await serve_gateway(keys=KeysSettings(cache_s=0.2)) for _ in range(2)]
    for gateway in gateways:
        assert (await gateway.post(image_form())).status == 200

    async with administration(database) as operator:
        (record,) = await operator.keys()
        if change == "revoked":
            await operator.revoke_key(record.key_id)
        else:
            await operator.delete_account(EMAIL)

    for gateway in gateways:
        async with asyncio.timeout(PATIENCE_S):
            while (reply := await gateway.post(image_form())).status == 200:
                pass
        assert (reply.status, reply.error()["code"]) == (401, "invalid_api_key")


async def test_a_suspended_account_is_403_subscription_inactive(
    gateway: ServedGateway, database: Database, segmenter: FakeSegmenter
) -> None:
    async with administration(database) as operator:
        await operator.suspend_account(EMAIL)

    reply = await gateway.post(image_form())

    assert (reply.status, reply.error()["code"]) == (403, "subscription_inactive")
    assert segmenter.calls == []


async def test_the_key_is_asked_for_before_the_body_is_read(gateway: ServedGateway) -> None:
    head = b"POST /v2 HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000000\r\n\r\n"

    reply = await gateway.exchange(head)

    assert (reply.status, reply.headers["Connection"]) == (401, "close")
    reply.error()
