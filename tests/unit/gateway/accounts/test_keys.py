import re

import pytest

from gateway.accounts.keys import (
    KeyRecord,
    Mode,
    digest,
    generate_key,
    key_id,
    recognise,
)

PEPPER = bytes(range(32))


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
    record = _record(generate_key("live"))

    assert record.fingerprint == f"tok_fp_{record.digest[:8]}"


def test_a_known_key_is_recognised() -> None:
    key = generate_key("live")
    record = _record(key)

    assert recognise(key, PEPPER, {record.key_id: record}.get) == record


def test_an_unknown_key_and_text_that_is_no_key_are_not() -> None:
    record = _record(generate_key("live"))
    find = {record.key_id: record}.get

    assert recognise(generate_key("live"), PEPPER, find) is None
    assert recognise("nonsense", PEPPER, find) is None
    assert recognise("\udcff", PEPPER, find) is None


def test_a_key_that_only_shares_the_id_of_a_known_one_is_not() -> None:
    key, other = generate_key("live"), generate_key("live")
    record = _record(key)

    assert recognise(other, PEPPER, lambda _: record) is None
    assert recognise(key, bytes(32), lambda _: record) is None


def _record(key: str) -> KeyRecord:
    identity = key_id(key)
    assert identity is not None
    return KeyRecord(identity, "live", "test", digest(key, PEPPER), "2026-01-01T00:00:00+00:00")
