from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import rules
from gateway.accounts.keys import KeyTerms, generate_key, key_id
from gateway.accounts.rules import AdministrationError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" a@b ", "a@b"),
        (f"{'a' * 252}@b", "a" * 252 + "@b"),
    ],
)
def test_addresses_are_kept_in_small_letters(email: str, kept: str) -> None:
    assert rules.kept_address(email) == kept


@pytest.mark.parametrize(
    "email", ["", "ann", "@", "a@", "@b", "a b@c", "a@b@c", "a\n@b", "a\x7f@b", f"{'a' * 253}@b"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(AdministrationError, match="is no e-mail address"):
        rules.kept_address(email)


@given(st.text())
def test_an_address_that_is_kept_is_kept_as_it_is(email: str) -> None:
    try:
        kept = rules.kept_address(email)
    except AdministrationError:
        return
    assert rules.kept_address(kept) == kept


@pytest.mark.parametrize("name", ["a", "0", "big_plan-2", "a" * 64])
def test_names_of_plans(name: str) -> None:
    rules.check_plan_name(name)


@pytest.mark.parametrize("name", ["", "A", "-a", "_a", "a b", "\u00e4", "a" * 65, "a\n"])
def test_what_cannot_name_a_plan_is_refused(name: str) -> None:
    with pytest.raises(AdministrationError, match="name of a plan"):
        rules.check_plan_name(name)


@pytest.mark.parametrize("limit", [1, 10**9, None])
def test_limits_within_bounds(limit: int | None) -> None:
    rules.check_limits(None, limit)


@pytest.mark.parametrize("limit", [0, -1, 10**9 + 1])
def test_limits_past_the_bounds_are_refused(limit: int) -> None:
    with pytest.raises(AdministrationError, match="from 1 to 1000000000 a minute"):
        rules.check_limits(None, limit)


@pytest.mark.parametrize(
    ("mode", "name", "terms"),
    [
        ("live", "", KeyTerms()),
        ("admin", "n" * 100, KeyTerms(requests_per_minute=1)),
        ("synthetic", "a name", KeyTerms(expires_at=NOW + timedelta(microseconds=1))),
    ],
)
def test_keys_within_bounds(mode: str, name: str, terms: KeyTerms) -> None:
    rules.check_key(mode, name, terms, NOW)


@pytest.mark.parametrize(
    ("mode", "name", "terms", "reason"),
    [
        ("test", "", KeyTerms(), "mode of a key is one of live, admin, synthetic"),
        ("live", "n" * 101, KeyTerms(), "name of a key"),
        ("live", "two\nlines", KeyTerms(), "name of a key"),
        ("live", "", KeyTerms(megapixels_per_minute=0), "A limit is from 1"),
        ("live", "", KeyTerms(expires_at=NOW), "expire in the future"),
    ],
)
def test_keys_past_the_bounds_are_refused(
    mode: str, name: str, terms: KeyTerms, reason: str
) -> None:
    with pytest.raises(AdministrationError, match=reason):
        rules.check_key(mode, name, terms, NOW)


def test_a_key_is_meant_by_its_id_or_by_itself() -> None:
    key = generate_key("live")
    identity = key_id(key)
    assert identity is not None

    assert rules.meant_key_id(identity) == rules.meant_key_id(key) == identity


@pytest.mark.parametrize("text", ["", "mb_live_", generate_key("live") + "x", "a" * 13])
def test_what_names_no_key_is_not_repeated(text: str) -> None:
    with pytest.raises(AdministrationError) as refusal:
        rules.meant_key_id(text)
    assert not text or text not in str(refusal.value)
