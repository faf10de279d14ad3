import pytest

from gateway.accounts.caller import Account, Caller, RateLimits
from gateway.accounts.keys import Mode, generate_key
from tests.unit.gateway.accounts.records import record_of


def test_a_caller_is_what_the_record_of_the_key_says() -> None:
    record = record_of(
        generate_key("live"), requests_per_minute=7, megapixels_per_minute=None, plan="own"
    )

    assert Caller.of(record) == Caller(
        key_id=record.key_id,
        mode="live",
        fingerprint=f"tok_fp_{record.digest[:8]}",
        account=Account(1, "ann@example.com", "standard", suspended=False),
        limits=RateLimits(7, None),
    )


@pytest.mark.parametrize(
    ("mode", "metered"), [("live", True), ("admin", False), ("synthetic", False)]
)
def test_only_live_keys_are_metered(mode: Mode, metered: bool) -> None:
    assert Caller.of(record_of(generate_key(mode), mode=mode)).metered == metered
