"""Keys for tests, with what is kept of them."""

from datetime import UTC, datetime

from gateway.accounts.keys import KeyRecord, KeyTerms, NewKey, digest, generate_key, key_id

PEPPER = bytes(range(32))
NOW = datetime(2026, 11, 3, 12, 30, 15, 250_000, UTC)


def new_key(key: str | None = None, **changes: object) -> NewKey:
    """What is kept of a key when it is made."""
    made = key or generate_key("live")
    identity = key_id(made)
    assert identity is not None
    values: dict[str, object] = {
        "key_id": identity,
        "mode": "live",
        "name": "",
        "digest": digest(made, PEPPER),
        "created_at": NOW,
        "terms": KeyTerms(),
    }
    return NewKey(**(values | changes))  # type: ignore[arg-type]  # the tests' own values


def record_of(key: str, **changes: object) -> KeyRecord:
    """What is kept of a key, as the store returns it."""
    made = new_key(key)
    values: dict[str, object] = {
        "key_id": made.key_id,
        "mode": made.mode,
        "name": made.name,
        "digest": made.digest,
        "account_id": 1,
        "email": "ann@example.com",
        "account_plan": "standard",
        "account_suspended": False,
        "plan": "standard",
        "requests_per_minute": 600,
        "megapixels_per_minute": 6000,
        "terms": made.terms,
        "created_at": made.created_at,
        "revoked_at": None,
        "replaced_by": None,
        "last_used_at": None,
    }
    return KeyRecord(**(values | changes))  # type: ignore[arg-type]  # as above
