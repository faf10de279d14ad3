import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.accounts.caller import RateLimits
from gateway.accounts.keys import KeyTerms, Mode, NewKey
from gateway.accounts.store import AccountStore, Plan, StoreError
from tests.unit.gateway.accounts.records import NOW, new_key

LATER = NOW + timedelta(hours=1)


async def add_account(store: AccountStore, name: str = "ann") -> int:
    account = await store.add_account(f"{name}@example.com", "standard", NOW)
    assert account is not None
    return account.account_id


async def add_key(store: AccountStore, account_id: int, **changes: object) -> NewKey:
    key = new_key(None, **changes)
    await store.add_key(key, account_id)
    return key


@pytest.mark.parametrize("mode", ["live", "admin", "synthetic"])
async def test_a_key_comes_back_with_its_account_and_plan(store: AccountStore, mode: Mode) -> None:
    account_id = await add_account(store)
    key = await add_key(store, account_id, mode=mode, name="shop \u00e9")

    record = await store.find_key(key.key_id)

    assert record is not None
    assert (record.key_id, record.mode, record.name) == (key.key_id, mode, "shop \u00e9")
    assert (record.digest, record.created_at, record.terms) == (key.digest, NOW, KeyTerms())
    assert (record.account_id, record.email) == (account_id, "ann@example.com")
    assert (record.account_plan, record.plan) == ("standard", "standard")
    assert (record.requests_per_minute, record.megapixels_per_minute) == (600, 6000)
    assert not record.account_suspended
    assert (record.revoked_at, record.replaced_by, record.last_used_at) == (None, None, None)


async def test_moments_come_back_in_utc(store: AccountStore) -> None:
    key = await add_key(store, await add_account(store), terms=KeyTerms(expires_at=LATER))

    record = await store.find_key(key.key_id)

    assert record is not None
    assert record.terms.expires_at == LATER
    assert record.created_at.utcoffset() == timedelta(0)


async def test_an_unknown_key_is_none(store: AccountStore) -> None:
    assert await store.find_key("abcdefghijkl") is None


async def test_ids_that_differ_in_case_are_two(store: AccountStore) -> None:
    await add_key(store, await add_account(store), key_id="abcdefghijkl")

    assert await store.find_key("ABCDEFGHIJKL") is None


async def test_the_terms_of_a_key_come_before_those_of_plans(store: AccountStore) -> None:
    account_id = await add_account(store)
    await store.set_plan(Plan("fast", RateLimits(None, 10)))
    own = await add_key(store, account_id, terms=KeyTerms(requests_per_minute=5))
    on_plan = await add_key(store, account_id, terms=KeyTerms("fast"))
    both = await add_key(store, account_id, terms=KeyTerms("fast", 7, 8))

    limits = {
        record.key_id: (record.plan, record.requests_per_minute, record.megapixels_per_minute)
        for record in await store.keys()
    }

    assert limits[own.key_id] == ("standard", 5, 6000)
    assert limits[on_plan.key_id] == ("fast", None, 10)
    assert limits[both.key_id] == ("fast", 7, 8)


async def test_a_key_shows_that_its_account_is_suspended(store: AccountStore) -> None:
    key = await add_key(store, await add_account(store))
    await store.set_suspended("ann@example.com", NOW)

    record = await store.find_key(key.key_id)

    assert record is not None
    assert record.account_suspended


async def test_keys_come_by_age_for_one_account_or_all(store: AccountStore) -> None:
    ann, bob = await add_account(store), await add_account(store, "bob")
    late = await add_key(store, ann, created_at=LATER)
    early = await add_key(store, ann)
    other = await add_key(store, bob, created_at=NOW + timedelta(minutes=1))

    assert [key.key_id for key in await store.keys(ann)] == [early.key_id, late.key_id]
    assert [key.key_id for key in await store.keys(bob)] == [other.key_id]
    everyone = [key.key_id for key in await store.keys()]
    assert everyone == [early.key_id, other.key_id, late.key_id]


async def test_an_id_is_never_given_twice(store: AccountStore) -> None:
    account_id = await add_account(store)
    key = await add_key(store, account_id)

    with pytest.raises(StoreError) as told:
        await store.add_key(key, account_id)

    assert key.digest not in str(told.value)


async def test_the_first_revocation_stays(store: AccountStore) -> None:
    account_id = await add_account(store)
    key, other = await add_key(store, account_id), await add_key(store, account_id)

    await store.revoke_key(key.key_id, NOW)
    await store.revoke_key(key.key_id, LATER)
    await store.revoke_key("abcdefghijkl", LATER)

    assert {record.key_id: record.revoked_at for record in await store.keys()} == {
        key.key_id: NOW,
        other.key_id: None,
    }


async def test_a_replaced_key_ends_when_it_is_told_to(store: AccountStore) -> None:
    account_id = await add_account(store)
    old, new = await add_key(store, account_id), new_key(created_at=LATER)
    ends_at = LATER + timedelta(days=1)

    assert await store.replace_key(old.key_id, new, ends_at)

    first, second = await store.keys(account_id)
    assert (first.key_id, first.replaced_by) == (old.key_id, new.key_id)
    assert (first.terms.expires_at, first.revoked_at) == (ends_at, None)
    assert (second.key_id, second.replaced_by) == (new.key_id, None)


async def test_a_key_replaced_without_overlap_is_revoked(store: AccountStore) -> None:
    account_id = await add_account(store)
    old, new = await add_key(store, account_id), new_key(created_at=LATER)

    assert await store.replace_key(old.key_id, new, LATER)

    first, _ = await store.keys(account_id)
    assert (first.terms.expires_at, first.revoked_at) == (None, LATER)


async def test_a_key_is_replaced_once_and_not_after_its_end(store: AccountStore) -> None:
    account_id = await add_account(store)
    replaced, revoked = await add_key(store, account_id), await add_key(store, account_id)
    await store.replace_key(replaced.key_id, new_key(), LATER)
    await store.revoke_key(revoked.key_id, NOW)

    for old_id in (replaced.key_id, revoked.key_id, "abcdefghijkl"):
        assert not await store.replace_key(old_id, new_key(), LATER)

    assert len(await store.keys()) == 3


async def test_of_those_who_replace_a_key_at_the_same_time_one_does(store: AccountStore) -> None:
    account_id = await add_account(store)
    old = await add_key(store, account_id)

    replaced = await asyncio.gather(
        *(store.replace_key(old.key_id, new_key(), LATER) for _ in range(8))
    )

    assert sorted(replaced) == [False] * 7 + [True]
    assert len(await store.keys()) == 2


async def test_a_name_is_taken_over_within_its_account(store: AccountStore) -> None:
    ann, bob = await add_account(store), await add_account(store, "bob")
    named = await add_key(store, ann, name="bootstrap")
    other = await add_key(store, ann, name="other")
    of_bob = await add_key(store, bob, name="bootstrap")
    new = new_key(name="bootstrap", created_at=LATER)

    await store.replace_keys_named(new, ann)

    assert {record.key_id: record.revoked_at for record in await store.keys()} == {
        named.key_id: LATER,
        other.key_id: None,
        of_bob.key_id: None,
        new.key_id: None,
    }


async def test_the_last_use_is_the_latest(store: AccountStore) -> None:
    key = await add_key(store, await add_account(store))

    for used_at in (NOW, LATER, NOW):
        await store.note_use(key.key_id, used_at)

    record = await store.find_key(key.key_id)
    assert record is not None
    assert record.last_used_at == LATER == datetime(2026, 11, 3, 13, 30, 15, 250_000, UTC)
