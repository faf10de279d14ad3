import pytest

from gateway.accounts.caller import Account, RateLimits
from gateway.accounts.store import AccountStore, Plan, StoreError
from tests.unit.gateway.accounts.records import NOW


async def test_an_account_is_found_by_its_address(store: AccountStore) -> None:
    account = await store.add_account("ann@example.com", "standard", NOW)

    assert account is not None
    assert account == Account(account.account_id, "ann@example.com", "standard", suspended=False)
    assert await store.find_account("ann@example.com") == account
    assert await store.find_account("bob@example.com") is None


async def test_an_address_has_one_account(store: AccountStore) -> None:
    first = await store.add_account("ann@example.com", "standard", NOW)

    assert await store.add_account("ann@example.com", "local", NOW) is None
    assert await store.accounts() == [first]


async def test_accounts_come_by_address(store: AccountStore) -> None:
    for name in ("cid", "ann", "bob"):
        await store.add_account(f"{name}@example.com", "standard", NOW)

    assert [account.email[:3] for account in await store.accounts()] == ["ann", "bob", "cid"]


async def test_an_account_needs_a_plan_that_there_is(store: AccountStore) -> None:
    with pytest.raises(StoreError):
        await store.add_account("ann@example.com", "nowhere", NOW)

    assert await store.accounts() == []


async def test_suspension_is_kept_and_taken_back(store: AccountStore) -> None:
    await store.add_account("ann@example.com", "standard", NOW)
    await store.add_account("bob@example.com", "standard", NOW)

    assert await store.set_suspended("ann@example.com", NOW)
    assert [account.suspended for account in await store.accounts()] == [True, False]

    assert await store.set_suspended("ann@example.com", None)
    assert [account.suspended for account in await store.accounts()] == [False, False]

    assert not await store.set_suspended("cid@example.com", NOW)


async def test_a_plan_is_added_and_changed(store: AccountStore) -> None:
    await store.set_plan(Plan("small", RateLimits(1, 2)))
    assert Plan("small", RateLimits(1, 2)) in await store.plans()

    await store.set_plan(Plan("small", RateLimits(None, 10**9)))
    assert Plan("small", RateLimits(None, 10**9)) in await store.plans()
    assert [plan.name for plan in await store.plans()] == ["local", "small", "standard"]


async def test_the_first_value_of_a_fact_stays(store: AccountStore) -> None:
    assert await store.settle_fact("colour", "red") == "red"
    assert await store.settle_fact("colour", "blue") == "red"
    assert await store.settle_fact("shape", "round") == "round"
