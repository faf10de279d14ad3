import re
from datetime import timedelta

import pytest

from gateway.accounts.keys import (
    KeyTerms,
    Mode,
    digest,
    generate_key,
    is_key_id,
    key_id,
    matches,
)
from tests.unit.gateway.accounts.records import NOW, PEPPER, record_of


@pytest.mark.parametrize("mode", ["live", "admin", "synthetic"])
def test_a_key_tells_its_mode_and_holds_enough_secret(mode: Mode) -> None:
    key = generate_key(mode)

    assert re.fullmatch(rf"mb_{mode}_[0-9A-Za-z]{{12}}_[0-9A-Za-z]{{38}}", key)
    assert 62**32 > 2**160
    assert key_id(key) == key.split("_")[2]


def test_no_key_is_like_another() -> None:
    assert len({generate_key("live") for _ in range(200)}) == 200


def test_one_wrong_character_anywhere_makes_no_key() -> None:
    key = generate_key("live")

    for position, character in enumerate(key):
        other = "a" if character != "a" else "b"
        assert key_id(key[:position] + other + key[position + 1 :]) is None


@pytest.mark.parametrize("cut", [slice(1, None), slice(None, -1), slice(0, 0)])
def test_a_part_of_a_key_is_no_key(cut: slice) -> None:
    assert key_id(generate_key("live")[cut]) is None


@pytest.mark.parametrize(
    "text", ["", "mb_live", "mb_test_x_y", "\u0660" * 60, "\udcff", "mb_live__", "a" * 8000]
)
def test_other_text_is_no_key(text: str) -> None:
    assert key_id(text) is None


def test_a_key_followed_by_a_line_end_is_no_key() -> None:
    assert key_id(generate_key("live") + "\n") is None


def test_the_digest_depends_on_the_pepper_and_tells_no_key() -> None:
    key = generate_key("live")

    assert digest(key, PEPPER) != digest(key, bytes(32))
    assert re.fullmatch(r"[0-9a-f]{64}", digest(key, PEPPER))


def test_the_fingerprint_is_the_first_digits_of_the_digest() -> None:
    record = record_of(generate_key("live"))

    assert record.fingerprint == f"tok_fp_{record.digest[:8]}"


def test_a_key_matches_its_own_record() -> None:
    key = generate_key("live")

    assert matches(key, PEPPER, record_of(key))


def test_other_keys_and_text_that_is_no_key_match_no_record() -> None:
    key = generate_key("live")

    assert not matches(generate_key("live"), PEPPER, record_of(key))
    assert not matches(key, bytes(32), record_of(key))
    assert not matches(key, PEPPER, None)
    assert not matches("nonsense", PEPPER, record_of(key))
    assert not matches("\udcff", PEPPER, None)


@pytest.mark.parametrize("text", ["", "short", "a" * 13, "a" * 11 + "-", "a" * 11 + "\u0660"])
def test_text_of_another_shape_is_no_id(text: str) -> None:
    assert not is_key_id(text)


def test_what_a_key_has_for_an_id_is_one() -> None:
    assert is_key_id(key_id(generate_key("admin")) or "")


def test_a_key_expires_at_its_end_and_not_before() -> None:
    record = record_of(generate_key("live"), terms=KeyTerms(expires_at=NOW))

    assert record.state_at(NOW - timedelta(microseconds=1)) == "active"
    assert record.state_at(NOW) == "expired"


def test_a_revoked_key_is_that_whatever_else_it_is() -> None:
    record = record_of(generate_key("live"), terms=KeyTerms(expires_at=NOW), revoked_at=NOW)

    assert record.state_at(NOW) == "revoked"


def test_a_replaced_key_rotates_until_its_end() -> None:
    record = record_of(
        generate_key("live"), terms=KeyTerms(expires_at=NOW), replaced_by="abcdefghijkl"
    )

    assert record.state_at(NOW - timedelta(seconds=1)) == "rotating"
    assert record.state_at(NOW) == "expired"
