"""What must not open: keys that nobody was given, and the operator's pages on the public port."""

import pytest

from gateway.accounts.keys import generate_key
from tests.integration.gateway.served_gateway import ServedGateway

GUESSES = [
    "*",
    "0",
    "admin",
    "changeme",
    "default",
    "demo",
    "key",
    "mattebox",
    "mb_live_",
    "mb_live_000000000000_" + "0" * 38,
    "null",
    "None",
    "test",
    "true",
    "undefined",
    generate_key("live"),
    generate_key("admin"),
    generate_key("synthetic"),
]


@pytest.mark.parametrize("guess", GUESSES, ids=range(len(GUESSES)))
async def test_no_key_is_good_that_was_not_made_here(gateway: ServedGateway, guess: str) -> None:
    replies = [
        await gateway.ask("GET", "/v2/account", headers={"x-api-key": guess}),
        await gateway.ask("GET", "/v2/account", headers={"Authorization": f"Bearer {guess}"}),
        await gateway.ask("GET", "/v2/account", params={"api_key": guess}),
        await gateway.ask("POST", "/v2", json={"api_key": guess, "image_base64": "AAAA"}),
    ]

    assert {(reply.status, reply.error()["code"]) for reply in replies} == {
        (401, "invalid_api_key")
    }


@pytest.mark.parametrize("nothing", ["", " ", "\t"])
async def test_no_key_is_no_key(gateway: ServedGateway, nothing: str) -> None:
    for headers in ({"x-api-key": nothing}, {"Authorization": f"Bearer {nothing}"}):
        reply = await gateway.ask("GET", "/v2/account", headers=headers)
        assert (reply.status, reply.error()["code"]) == (401, "missing_api_key")


async def test_a_digest_is_no_key(gateway: ServedGateway) -> None:
    """What could be read in the database opens nothing."""
    account = (await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})).json()
    fingerprint = account["api_key"]["fingerprint"]
    identity = gateway.key.split("_")[2]

    for guess in (fingerprint, identity, f"mb_live_{identity}_", gateway.key[:-1]):
        reply = await gateway.ask("GET", "/v2/account", headers={"x-api-key": guess})
        assert reply.status == 401


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "/live", "/ready", "//metrics", "/v2/metrics", "/v2/../metrics"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_the_operators_pages_are_not_on_the_public_port(
    gateway: ServedGateway, method: str, path: str
) -> None:
    reply = await gateway.ask(method, path, headers={"x-api-key": gateway.key})

    assert reply.status == 404
    assert b"mattebox_gateway_" not in reply.body
