"""Who is let in, by which words, and for how long."""

import hashlib
import re
import time
from functools import partial

import pytest

from tests.contract.client import Client, Reply, base64_of, poll
from tests.contract.commands import Commands, IssuedKey
from tests.contract.conftest import StartedService

pytestmark = pytest.mark.e2e

REVOCATION_S = 5.0
MISSING = (401, "missing_api_key", "Missing API key.", True)
INVALID = (401, "invalid_api_key", "Invalid or revoked API key.", True)


def refused(reply: Reply) -> tuple[int, str, str, bool]:
    """Status, code and message, and whether the answer says how to authenticate."""
    return *reply.refusal, reply.error["message"], bool(reply.headers.get("WWW-Authenticate"))


def misspelt(key: str) -> str:
    return key[:-1] + ("a" if key[-1] != "a" else "b")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-api-key", "{key}"),
        ("X-API-Key", "{key}"),
        ("Authorization", "Bearer {key}"),
        ("Authorization", "bearer {key}"),
        ("Authorization", "BEARER {key}"),
        ("Authorization", "Token {key}"),
        ("Authorization", "tOKEN {key}"),
        ("Authorization", "Api-Key {key}"),
        ("Authorization", "api-key {key}"),
    ],
)
def test_a_key_is_read_from_headers(service: Client, header: str, value: str) -> None:
    reply = service.account(key=None, headers={header: value.format(key=service.key)})
    assert reply.content["api_key"]["valid"] is True


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_an_upload_takes_the_same_headers(service: Client, cup: bytes, header: str) -> None:
    value = service.key if header == "x-api-key" else f"Token {service.key}"
    assert service.post_file(cup, key=None, headers={header: value}).status == 200


def test_a_key_is_read_from_the_query(service: Client, cup: bytes) -> None:
    query = {"api_key": service.key}
    assert service.account(key=None, params=query).status == 200
    assert service.post_file(cup, key=None, params=query).status == 200


def test_a_key_is_read_from_json(service: Client, cup: bytes) -> None:
    members = {"api_key": service.key, "image_base64": base64_of(cup)}
    reply = service.post_json(members, key=None)
    assert reply.status == 200
    # It is a key, and no field that was not used.
    assert "X-Ignored-Fields" not in reply.headers


def test_keys_in_query_and_json_can_be_switched_off(closed_gateway: Client, cup: bytes) -> None:
    key = closed_gateway.key
    in_query = closed_gateway.post_file(cup, key=None, params={"api_key": key})
    members = {"api_key": key, "image_base64": base64_of(cup)}
    in_json = closed_gateway.post_json(members, key=None)
    assert refused(in_query) == refused(in_json) == MISSING
    assert closed_gateway.account().status == 200


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_the_header_wins_over_query_and_json(service: Client, cup: bytes, header: str) -> None:
    prefix = "Bearer " if header == "Authorization" else ""
    right, wrong = prefix + service.key, prefix + misspelt(service.key)
    members = {"api_key": misspelt(service.key), "image_base64": base64_of(cup)}
    in_json = service.post_json(members, key=None, headers={header: right})
    assert in_json.status == 200
    in_json = service.post_json(
        members | {"api_key": service.key}, key=None, headers={header: wrong}
    )
    assert refused(in_json) == INVALID
    in_query = service.account(key=None, params={"api_key": "no"}, headers={header: right})
    assert in_query.status == 200
    in_query = service.account(key=None, params={"api_key": service.key}, headers={header: wrong})
    assert refused(in_query) == INVALID


@pytest.mark.parametrize(
    "headers", [{}, {"x-api-key": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}]
)
def test_no_key_is_401_missing_api_key(
    service: Client, cup: bytes, headers: dict[str, str]
) -> None:
    replies = [
        service.account(key=None, headers=headers),
        service.post_file(cup, key=None, headers=headers),
        service.post_json({"image_base64": base64_of(cup)}, key=None, headers=headers),
        service.post_urlencoded({"image_base64": base64_of(cup)}, key=None, headers=headers),
        service.post_raw(cup, "image/png", key=None, headers=headers),
    ]
    assert [refused(reply) for reply in replies] == [MISSING] * 5


@pytest.mark.parametrize("key", ["nonsense", "mb_live_", "mb_live_x_y", "null", "a" * 500])
def test_a_malformed_key_is_401_invalid_api_key(service: Client, key: str) -> None:
    assert refused(service.account(key=key)) == INVALID


def test_an_unknown_key_is_401_invalid_api_key(service: Client, other_key: IssuedKey) -> None:
    # The id of one key with the secret of another, and a good key with one letter changed.
    head, _, secret = service.key.rpartition("_")
    other_secret = other_key.key.rpartition("_")[2]
    assert secret != other_secret
    for key in (f"{head}_{other_secret}", misspelt(service.key), service.key.lower()):
        assert refused(service.account(key=key)) == INVALID


def test_a_bad_key_says_nothing_of_what_was_sent(service: Client) -> None:
    reply = service.post_raw(b"no image", "text/plain", key="nonsense", query={"format": "no"})
    assert refused(reply) == INVALID


def test_an_expired_key_is_401_invalid_api_key(
    service: Client, commands: Commands, email: str
) -> None:
    brief = commands.create_key(email, "--expires", "3s")
    poll(lambda: service.account(key=brief.key), lambda reply: reply.status != 200)
    assert refused(service.account(key=brief.key)) == INVALID


def test_a_revoked_key_is_refused_by_every_gateway_within_five_seconds(
    service: Client, closed_gateway: Client, commands: Commands, email: str
) -> None:
    gateways, leaked = (service, closed_gateway), commands.create_key(email)
    assert [gateway.account(key=leaked.key).status for gateway in gateways] == [200, 200]
    commands.revoke_key(leaked)
    revoked_s = time.monotonic()

    def sent_and_answered(gateway: Client) -> tuple[float, Reply]:
        sent_s = time.monotonic()
        return sent_s, gateway.account(key=leaked.key)

    for gateway in gateways:
        sent_s, reply = poll(
            partial(sent_and_answered, gateway),
            # What counts is when a request was sent, not how slowly it was answered.
            lambda sent: sent[1].status != 200 or sent[0] - revoked_s > REVOCATION_S,
        )
        assert refused(reply) == INVALID, sent_s - revoked_s


def test_a_key_of_a_suspended_account_is_403_until_it_is_active_again(
    service: Client, commands: Commands, cup: bytes
) -> None:
    issued = commands.create_key(commands.create_account())
    assert service.account(key=issued.key).status == 200
    commands.suspend(issued.email)
    poll(lambda: service.account(key=issued.key), lambda reply: reply.status != 200)
    for reply in (service.account(key=issued.key), service.post_file(cup, key=issued.key)):
        assert reply.refusal == (403, "subscription_inactive")
    assert refused(service.account(key=misspelt(issued.key))) == INVALID
    commands.activate(issued.email)
    poll(lambda: service.account(key=issued.key), lambda reply: reply.status == 200)


def test_rotation_keeps_the_old_key_for_the_chosen_overlap(
    service: Client, commands: Commands, email: str
) -> None:
    old = commands.create_key(email)
    newer = commands.rotate_key(old, "1h")
    newest = commands.rotate_key(newer, "0")
    assert service.account(key=old.key).status == 200
    assert service.account(key=newest.key).status == 200
    poll(lambda: service.account(key=newer.key), lambda reply: reply.status != 200)
    assert refused(service.account(key=newer.key)) == INVALID
    assert service.account(key=old.key).status == 200


@pytest.mark.parametrize("mode", ["live", "admin", "synthetic"])
def test_keys_of_every_mode_are_served(
    service: Client, mode_keys: dict[str, IssuedKey], cup: bytes, mode: str
) -> None:
    key = mode_keys[mode].key
    reply = service.post_file(cup, key=key)
    assert reply.status == 200
    assert reply.headers["Server-Timing"]
    assert service.account(key=key).content["api_key"]["mode"] == mode
    assert re.fullmatch(rf"mb_{mode}_[^_]+_[^_]+", key)


def test_only_live_keys_are_metered(
    service: Client, mode_keys: dict[str, IssuedKey], cup: bytes
) -> None:
    def counted() -> int:
        count = service.account(key=mode_keys["live"].key).content["usage"]["images"]
        assert isinstance(count, int)
        return count

    before = counted()
    for mode in ("admin", "synthetic", "live"):
        assert service.post_file(cup, key=mode_keys[mode].key).status == 200
    # The last picture was counted after the others, had they been counted.
    assert poll(counted, lambda count: count > before) == before + 1


def test_the_first_key_is_live_and_looks_as_agreed(service: Client) -> None:
    assert re.fullmatch(r"mb_live_[0-9A-Za-z]+_[0-9A-Za-z]{27,}", service.key)


def test_a_key_is_shown_once(commands: Commands, email: str, other_key: IssuedKey) -> None:
    secret = other_key.key.rpartition("_")[2]
    listed = str(commands.run("keys", "list"))
    assert other_key.key_id in listed
    assert secret not in listed
    assert email in str(commands.run("accounts", "list"))


def test_the_store_holds_a_keyed_hash_and_no_key(
    own_service: StartedService, service: Client, other_key: IssuedKey
) -> None:
    assert service.account(key=other_key.key).status == 200
    stored = [path for path in own_service.running.state_dir.rglob("*") if path.is_file()]
    held = b"".join(path.read_bytes() for path in stored)
    assert other_key.key_id.encode() in held
    for key in (service.key, other_key.key):
        plain_hash = hashlib.sha256(key.encode())
        assert key.rpartition("_")[2].encode() not in held
        assert plain_hash.digest() not in held
        assert plain_hash.hexdigest().encode() not in held


def test_the_fingerprint_names_a_key_and_gives_nothing_away(
    service: Client, other_key: IssuedKey
) -> None:
    keys = (service.key, other_key.key)
    shown = [service.account(key=key).content["api_key"]["fingerprint"] for key in keys]
    assert len(set(shown)) == 2
    for key, fingerprint in zip(keys, shown, strict=True):
        assert re.fullmatch(r"tok_fp_[0-9a-f]{8,16}", fingerprint)
        assert fingerprint.removeprefix("tok_fp_") not in hashlib.sha256(key.encode()).hexdigest()
