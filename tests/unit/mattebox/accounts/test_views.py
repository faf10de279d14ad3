from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.accounts.keys import KeyRecord, KeyTerms
from mattebox.accounts import views

LONG_AGO = datetime(2001, 2, 3, 4, 5, 6, 700_000, UTC)
KEY = KeyRecord(
    key_id="0123456789ab",
    mode="live",
    name="",
    digest="c0ffee00" * 8,
    account_id=1,
    email="ann@example.com",
    account_plan="standard",
    account_suspended=False,
    plan="standard",
    requests_per_minute=600,
    megapixels_per_minute=None,
    terms=KeyTerms(),
    created_at=LONG_AGO,
    revoked_at=None,
    replaced_by=None,
    last_used_at=None,
)


def shown(key: KeyRecord, column: str) -> str:
    return views.key_to_row(key)[views.KEY_HEADER.index(column)]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "active"),
        ({"replaced_by": "another"}, "rotating"),
        ({"terms": KeyTerms(expires_at=LONG_AGO)}, "expired"),
        ({"revoked_at": LONG_AGO}, "revoked"),
    ],
)
def test_a_key_shows_its_state(changes: dict[str, object], state: str) -> None:
    key = replace(KEY, **changes)  # type: ignore[arg-type]  # each value is its field's

    assert shown(key, "state") == state
    assert views.key_to_json(key)["state"] == state


def test_a_suspended_account_is_shown_where_its_key_would_be_accepted() -> None:
    suspended = replace(KEY, account_suspended=True)

    assert shown(suspended, "state") == "suspended"
    assert shown(replace(suspended, replaced_by="another"), "state") == "suspended"
    assert shown(replace(suspended, revoked_at=LONG_AGO), "state") == "revoked"
    assert views.key_to_json(suspended)["state"] == "active"


def test_limits_are_shown_where_they_hold() -> None:
    assert shown(KEY, "requests/min") == "600"
    assert shown(KEY, "MP/min") == "unlimited"
    assert shown(replace(KEY, mode="admin"), "requests/min") == "-"
    assert shown(replace(KEY, mode="synthetic"), "MP/min") == "-"
    assert views.key_to_json(KEY)["requests_per_minute"] == 600
    probe = views.key_to_json(replace(KEY, mode="synthetic", megapixels_per_minute=9))
    assert (probe["requests_per_minute"], probe["megapixels_per_minute"]) == (None, None)


def test_moments_are_shown_in_utc() -> None:
    elsewhere = LONG_AGO.astimezone(timezone(timedelta(hours=9)))

    assert views.moment(elsewhere) == "2001-02-03 04:05:06"
    assert views.moment(None) == "-"
    assert views.key_to_json(replace(KEY, created_at=elsewhere))["created_at"] == (
        "2001-02-03T04:05:06+00:00"
    )


def test_nothing_shown_holds_the_hash() -> None:
    assert KEY.digest not in str(views.key_to_json(KEY)) + str(views.key_to_row(KEY))
