from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest

from gateway.accounts.administration import Administration
from gateway.accounts.caller import RateLimits
from gateway.accounts.keys import (
    KeyRecord,
    KeyTerms,
    Mode,
    generate_key,
    key_id,
    matches,
)
from gateway.accounts.pepper import PepperError
from gateway.accounts.rules import AdministrationError
from gateway.accounts.store import AccountStore, Plan
from gateway.accounts.usage import UsageBatch, UsageCount, UsageSlot
from tests.unit.gateway.accounts.records import NOW, PEPPER

ANN = "ann@example.com"
DAY = timedelta(days=1)


class Calendar:
    """Tells whatever time it is set to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def administration(store: AccountStore, calendar: Calendar) -> Administration:
    return Administration(store, PEPPER, calendar)


async def test_an_account_is_made_on_the_standard_plan(administration: Administration) -> None:
    account = await administration.create_account(ANN)

    assert (account.email, account.plan, account.suspended) == (ANN, "standard", False)
    assert await administration.accounts() == [account]


async def test_the_case_of_an_address_makes_no_second_account(
    administration: Administration,
) -> None:
    account = await administration.create_account(" Ann@Example.COM ", "local")

    assert (account.email, account.plan) == (ANN, "local")
    with pytest.raises(AdministrationError, match="There is an account of ann@example"):
        await administration.create_account("ANN@example.com")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "a@b@c",
        "a b@c",
        "ann@exam\x00ple.com",
        "ann@exa\udcffmple.com",
        "a" * 243 + "@example.com",
    ],
)
async def test_what_is_no_address_makes_no_account(
    administration: Administration, email: str
) -> None:
    with pytest.raises(AdministrationError, match="is no e-mail address"):
        await administration.create_account(email)


async def test_the_longest_address_makes_an_account(administration: Administration) -> None:
    email = "a" * 242 + "@example.com"
    assert len(email) == 254

    assert (await administration.create_account(email)).email == email


async def test_a_plan_that_is_not_there_is_told_with_those_that_are(
    administration: Administration,
) -> None:
    with pytest.raises(AdministrationError, match="no plan 'gold'; there are local, standard"):
        await administration.create_account(ANN, "gold")


async def test_an_account_is_suspended_and_activated_again(administration: Administration) -> None:
    await administration.create_account(ANN)

    for _ in range(2):
        assert (await administration.suspend_account("ANN@example.com")).suspended
    for _ in range(2):
        assert not (await administration.activate_account(ANN)).suspended


async def test_a_deleted_account_takes_its_keys_and_their_usage_along(
    administration: Administration, store: AccountStore
) -> None:
    for email in (ANN, "bob@example.com"):
        await administration.create_account(email)
    _, record = await administration.create_key(ANN)
    await administration.rotate_key(record.key_id, timedelta(days=1))
    _, kept = await administration.create_key("bob@example.com")
    day = date(2026, 11, 1)
    slots = {UsageSlot(day, used.key_id): UsageCount(1, 10) for used in (record, kept)}
    await store.write_usage(UsageBatch("0" * 32, slots))

    account, keys = await administration.delete_account("ANN@example.com")

    assert (account.email, keys) == (ANN, 2)

    assert [account.email for account in await administration.accounts()] == ["bob@example.com"]
    assert [left.key_id for left in await administration.keys()] == [kept.key_id]
    assert [row.key_id for row in await store.usage_rows(day, day)] == [kept.key_id]
    assert (await administration.create_account(ANN)).email == ANN
    assert await administration.keys(ANN) == []


async def test_what_there_is_no_account_for_is_told(administration: Administration) -> None:
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: administration.suspend_account(ANN),
        lambda: administration.activate_account(ANN),
        lambda: administration.delete_account(ANN),
        lambda: administration.create_key(ANN),
        lambda: administration.keys(ANN),
    ]
    for attempt in attempts:
        with pytest.raises(AdministrationError, match="There is no account of ann@example"):
            await attempt()


async def test_a_plan_is_set(administration: Administration) -> None:
    plan = await administration.set_plan("fast-1", RateLimits(1, 10**9))

    assert plan == Plan("fast-1", RateLimits(1, 10**9))
    assert plan in await administration.plans()


@pytest.mark.parametrize("name", ["", "Gold", "-a", "a b", "a" * 65, "\u00e9"])
async def test_a_plan_has_a_plain_name(administration: Administration, name: str) -> None:
    with pytest.raises(AdministrationError, match="The name of a plan"):
        await administration.set_plan(name, RateLimits(None, None))


@pytest.mark.parametrize("limit", [0, -1, 10**9 + 1])
async def test_limits_have_bounds(administration: Administration, limit: int) -> None:
    await administration.create_account(ANN)

    for limits in (RateLimits(limit, None), RateLimits(None, limit)):
        with pytest.raises(AdministrationError, match="A limit is from 1 to"):
            await administration.set_plan("gold", limits)
    with pytest.raises(AdministrationError, match="A limit is from 1 to"):
        await administration.create_key(ANN, terms=KeyTerms(requests_per_minute=limit))


@pytest.mark.parametrize("mode", ["live", "admin", "synthetic"])
async def test_a_key_is_made_and_only_its_hash_is_kept(
    administration: Administration, store: AccountStore, mode: Mode
) -> None:
    await administration.create_account(ANN)
    terms = KeyTerms("local", 5, 6, NOW + DAY)

    key, record = await administration.create_key(ANN, mode=mode, name="shop", terms=terms)

    assert key.startswith(f"mb_{mode}_{record.key_id}_")
    assert matches(key, PEPPER, record)
    assert (record.mode, record.name, record.email, record.terms) == (mode, "shop", ANN, terms)
    assert record.created_at == NOW
    assert await store.find_key(record.key_id) == record
    assert key.rpartition("_")[2] not in repr(record)
    assert await administration.keys() == await administration.keys("Ann@example.com") == [record]


async def test_a_key_needs_a_mode_a_name_a_plan_and_a_future(
    administration: Administration,
) -> None:
    await administration.create_account(ANN)

    with pytest.raises(AdministrationError, match="one of live, admin, synthetic"):
        await administration.create_key(ANN, mode="root")  # type: ignore[arg-type]  # the point
    for name in ("a" * 101, "a\nb", "a\x00"):
        with pytest.raises(AdministrationError, match="up to 100 printable characters"):
            await administration.create_key(ANN, name=name)
    with pytest.raises(AdministrationError, match="no plan 'gold'"):
        await administration.create_key(ANN, terms=KeyTerms("gold"))
    with pytest.raises(AdministrationError, match="in the future"):
        await administration.create_key(ANN, terms=KeyTerms(expires_at=NOW))

    assert await administration.keys() == []
    await administration.create_key(ANN, name="a" * 100)


async def test_a_rotated_key_is_accepted_until_the_overlap_is_over(
    administration: Administration,
) -> None:
    await administration.create_account(ANN)
    terms = KeyTerms("local", 5, 6)
    _, old = await administration.create_key(ANN, mode="admin", name="shop", terms=terms)

    key, new = await administration.rotate_key(old.key_id, DAY)

    assert matches(key, PEPPER, new)
    assert (new.mode, new.name, new.email, new.terms) == ("admin", "shop", ANN, terms)
    before = await find(administration, old.key_id)
    assert before.replaced_by == new.key_id
    assert before.state_at(NOW) == before.state_at(NOW + DAY - timedelta.resolution) == "rotating"
    assert before.state_at(NOW + DAY) == "expired"
    assert new.state_at(NOW + 1000 * DAY) == "active"


async def test_a_key_rotated_without_overlap_is_revoked_at_once(
    administration: Administration,
) -> None:
    await administration.create_account(ANN)
    _, old = await administration.create_key(ANN)

    await administration.rotate_key(old.key_id, timedelta(0))

    assert (await find(administration, old.key_id)).state_at(NOW) == "revoked"


async def test_an_overlap_lengthens_no_life_and_the_new_key_lives_as_long_again(
    administration: Administration, calendar: Calendar
) -> None:
    await administration.create_account(ANN)
    ends_at = NOW + 10 * DAY
    _, old = await administration.create_key(ANN, terms=KeyTerms(expires_at=ends_at))
    calendar.now = NOW + 9 * DAY

    _, new = await administration.rotate_key(old.key_id, 7 * DAY)

    assert (await find(administration, old.key_id)).terms.expires_at == ends_at
    assert new.terms.expires_at == NOW + 19 * DAY


async def test_a_key_is_rotated_once_and_not_after_its_end(
    administration: Administration, calendar: Calendar
) -> None:
    await administration.create_account(ANN)
    _, old = await administration.create_key(ANN)
    _, new = await administration.rotate_key(old.key_id, DAY)
    _, expiring = await administration.create_key(ANN, terms=KeyTerms(expires_at=NOW + DAY))
    _, revoked = await administration.create_key(ANN)
    await administration.revoke_key(revoked.key_id)
    kept = await administration.keys()

    with pytest.raises(AdministrationError, match=f"rotated before: {new.key_id} has taken over"):
        await administration.rotate_key(old.key_id, DAY)
    calendar.now = NOW + DAY
    with pytest.raises(AdministrationError, match="is expired and cannot be rotated"):
        await administration.rotate_key(expiring.key_id, DAY)
    with pytest.raises(AdministrationError, match="is revoked and cannot be rotated"):
        await administration.rotate_key(revoked.key_id, DAY)
    with pytest.raises(AdministrationError, match="cannot be negative"):
        await administration.rotate_key(new.key_id, -timedelta.resolution)

    assert await administration.keys() == kept


async def test_a_key_revoked_again_stays_revoked_since_the_first_time(
    administration: Administration, calendar: Calendar
) -> None:
    await administration.create_account(ANN)
    _, record = await administration.create_key(ANN)

    assert (await administration.revoke_key(record.key_id)).revoked_at == NOW
    calendar.now = NOW + DAY
    assert (await administration.revoke_key(record.key_id)).revoked_at == NOW


@pytest.mark.parametrize(
    ("unknown", "told"),
    [
        ("abcdefghijkl", "There is no key 'abcdefghijkl'"),
        (generate_key("live"), "There is no key"),
        ("", "That is no id of a key"),
        ("a\x00", "That is no id of a key"),
        ("\udcff", "That is no id of a key"),
        ("mb_live_" * 9, "That is no id of a key"),
    ],
)
async def test_a_key_that_is_not_there_is_told(
    administration: Administration, unknown: str, told: str
) -> None:
    with pytest.raises(AdministrationError, match=told):
        await administration.revoke_key(unknown)
    with pytest.raises(AdministrationError, match=told):
        await administration.rotate_key(unknown, DAY)


async def test_a_key_that_leaked_can_be_revoked_by_itself(administration: Administration) -> None:
    await administration.create_account(ANN)
    key, record = await administration.create_key(ANN)

    assert (await administration.revoke_key(key)).key_id == record.key_id


async def test_a_bootstrap_key_takes_over_from_the_one_before(
    administration: Administration, calendar: Calendar
) -> None:
    first = await administration.replace_bootstrap_key()
    calendar.now = NOW + DAY
    second = await administration.replace_bootstrap_key()

    old, new = await administration.keys("local@mattebox.internal")
    assert (old.key_id, new.key_id) == (key_id(first), key_id(second))
    assert (old.state_at(calendar.now), new.state_at(calendar.now)) == ("revoked", "active")
    assert (new.mode, new.name, new.plan, new.requests_per_minute) == (
        "live",
        "bootstrap",
        "local",
        6000,
    )
    assert len(await administration.accounts()) == 1


async def test_no_key_is_made_under_another_pepper(
    administration: Administration, store: AccountStore
) -> None:
    await administration.create_account(ANN)
    _, record = await administration.create_key(ANN)
    other = Administration(store, bytes(32))

    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: other.create_key(ANN),
        lambda: other.rotate_key(record.key_id, DAY),
        other.replace_bootstrap_key,
    ]
    for attempt in attempts:
        with pytest.raises(PepperError):
            await attempt()

    assert await administration.keys() == [record]


async def find(administration: Administration, sought_id: str) -> KeyRecord:
    return next(key for key in await administration.keys() if key.key_id == sought_id)
