"""How many requests a minute a key may send, and what callers are told of it."""

import time
from collections.abc import Callable

import pytest

from tests.contract.client import Client, Reply
from tests.contract.commands import Commands, IssuedKey

pytestmark = pytest.mark.e2e

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
MINUTE_S = 60


def within_a_minute(new_key: Callable[[], str], ask: Callable[[str], list[Reply]]) -> list[Reply]:
    """Asks with a new key; once more with another where a minute of the clock has ended."""
    while True:
        key, minute = new_key(), time.time() // MINUTE_S
        replies = ask(key)
        if time.time() // MINUTE_S == minute:
            return replies


@pytest.fixture
def slow_key(commands: Commands, email: str) -> Callable[[], str]:
    """Makes keys with three requests a minute."""
    return lambda: commands.create_key(email, "--rate", "3/minute").key


def test_the_third_request_of_three_passes_and_the_fourth_is_429(
    service: Client, slow_key: Callable[[], str], cup: bytes
) -> None:
    def four(key: str) -> list[Reply]:
        return [service.post_file(cup, key=key) for _ in range(4)]

    before_s = time.time()
    *served, refused = within_a_minute(slow_key, four)
    after_s = time.time()
    assert [reply.status for reply in served] == [200, 200, 200]
    assert refused.refusal == (429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= MINUTE_S + 1
    told = [[int(reply.headers[name]) for name in HEADERS] for reply in (*served, refused)]
    assert [limit for limit, _, _ in told] == [3, 3, 3, 3]
    assert [remaining for _, remaining, _ in told] == [2, 1, 0, 0]
    for _, _, reset_s in told:
        assert before_s - 1 <= reset_s <= after_s + 2 * MINUTE_S


def test_every_request_with_the_key_counts(
    service: Client, slow_key: Callable[[], str], cup: bytes
) -> None:
    def mixed(key: str) -> list[Reply]:
        return [
            service.account(key=key),
            service.post_form({}, key=key),
            service.post_raw(b"text", "text/plain", key=key),
            service.post_file(cup, key=key),
            service.account(key=key),
        ]

    replies = within_a_minute(slow_key, mixed)
    assert [reply.status for reply in replies] == [200, 400, 415, 429, 429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == [
        "2",
        "1",
        "0",
        "0",
        "0",
    ]


def test_a_refused_key_does_not_hold_up_another(
    service: Client, slow_key: Callable[[], str], other_key: IssuedKey
) -> None:
    def four(key: str) -> list[Reply]:
        return [service.account(key=key) for _ in range(4)]

    assert within_a_minute(slow_key, four)[-1].status == 429
    assert service.account(key=other_key.key).status == 200
    assert service.account().status == 200


def test_every_keyed_answer_tells_the_limits(service: Client, cup: bytes) -> None:
    replies = [
        service.post_file(cup),
        service.account(),
        service.ask("HEAD", "/v2/account"),
        service.post_file(b"no image"),
        service.post_file(cup, {"format": "no"}),
        service.post_raw(b"text", "text/plain"),
        service.post_json({}),
    ]
    for reply in replies:
        limit, remaining, reset_s = (int(reply.headers[name]) for name in HEADERS)
        assert 0 <= remaining < limit
        assert reset_s > 0


def test_the_first_key_may_send_6000_requests_a_minute(service: Client) -> None:
    assert service.account().headers["X-RateLimit-Limit"] == "6000"


def test_what_takes_no_key_tells_no_limits(service: Client) -> None:
    replies = [service.get("/v2/health"), service.account(key=None), service.account(key="no")]
    for reply in replies:
        assert not [name for name in reply.headers if name.lower().startswith("x-ratelimit")]


@pytest.mark.parametrize("mode", ["admin", "synthetic"])
def test_only_live_keys_are_limited(
    service: Client, mode_keys: dict[str, IssuedKey], mode: str
) -> None:
    # Which was made with one request a minute.
    key = mode_keys[mode].key
    assert [service.account(key=key).status for _ in range(4)] == [200] * 4
