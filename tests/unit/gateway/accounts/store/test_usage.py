import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.accounts.store import AccountStore, StoreError, UsageRow, open_store
from gateway.accounts.usage import UsageBatch, UsageCount, UsageSlot
from tests.unit.gateway.accounts.conftest import Execute
from tests.unit.gateway.accounts.records import NOW, new_key

FIRST = date(2026, 11, 1)
SECOND = date(2026, 11, 2)


async def add_key(store: AccountStore, name: str = "ann") -> tuple[int, str]:
    await store.add_account(f"{name}@example.com", "standard", NOW)
    account = await store.find_account(f"{name}@example.com")
    assert account is not None
    key = new_key(name=name)
    await store.add_key(key, account.account_id)
    return account.account_id, key.key_id


def batch(counts: dict[tuple[date, str], tuple[int, int]]) -> UsageBatch:
    slots = {UsageSlot(*slot): UsageCount(*count) for slot, count in counts.items()}
    return UsageBatch(uuid.uuid4().hex, slots)


async def test_batches_add_up(store: AccountStore) -> None:
    _, ann = await add_key(store)
    _, bob = await add_key(store, "bob")

    await store.write_usage(batch({(FIRST, ann): (1, 10), (FIRST, bob): (2, 20)}))
    await store.write_usage(batch({(FIRST, ann): (3, 30), (SECOND, ann): (4, 2**40)}))

    assert await store.usage_rows(FIRST, SECOND) == [
        UsageRow(FIRST, "ann@example.com", ann, "ann", 4, 40),
        UsageRow(FIRST, "bob@example.com", bob, "bob", 2, 20),
        UsageRow(SECOND, "ann@example.com", ann, "ann", 4, 2**40),
    ]


async def test_a_batch_sent_again_adds_nothing(store: AccountStore) -> None:
    account_id, ann = await add_key(store)
    twice = batch({(FIRST, ann): (1, 10)})

    await store.write_usage(twice)
    await asyncio.gather(store.write_usage(twice), store.write_usage(twice))

    assert await store.account_usage(account_id, FIRST) == UsageCount(1, 10)


async def test_an_empty_batch_is_written(store: AccountStore) -> None:
    await store.write_usage(batch({}))

    assert await store.usage_rows(FIRST, SECOND) == []


async def test_a_batch_is_written_whole_or_not_at_all(store: AccountStore) -> None:
    account_id, ann = await add_key(store)
    broken = batch({(FIRST, ann): (1, 10), (SECOND, ann): (1, 2**63)})

    with pytest.raises((StoreError, OverflowError)):
        await store.write_usage(broken)

    assert await store.account_usage(account_id, FIRST) == UsageCount(0, 0)
    mended = UsageBatch(broken.batch_id, batch({(FIRST, ann): (1, 10)}).counts)
    await store.write_usage(mended)
    assert await store.account_usage(account_id, FIRST) == UsageCount(1, 10)


async def test_usage_of_a_deleted_key_is_written_no_more(
    store: AccountStore, execute: Execute
) -> None:
    _, ann = await add_key(store)
    _, bob = await add_key(store, "bob")
    await store.remove_account("ann@example.com")

    await store.write_usage(batch({(FIRST, ann): (1, 10), (FIRST, bob): (2, 20)}))
    await store.write_usage(batch({(SECOND, ann): (1, 10)}))

    # A row that were left would be shown now: those of keys that are no more are not.
    await execute(f"UPDATE usage SET key_id = '{bob}', images = 0 WHERE key_id = '{ann}'")  # noqa: S608 - keys of our own
    (row,) = await store.usage_rows(FIRST, SECOND)
    assert (row.key_id, row.images, row.pixels) == (bob, 2, 20)


async def test_an_account_is_deleted_while_gateways_write(store: AccountStore) -> None:
    keys = [(await add_key(store, name))[1] for name in ("ann", "bob")]

    async def write() -> None:
        await store.write_usage(batch({(FIRST, key): (1, 10) for key in keys}))

    await asyncio.gather(*(write() for _ in range(10)), store.remove_account("ann@example.com"))

    (row,) = await store.usage_rows(FIRST, SECOND)
    assert (row.key_id, row.images, row.pixels) == (keys[1], 10, 100)


async def test_gateways_that_write_at_the_same_time_lose_nothing(
    store: AccountStore, database_url: str
) -> None:
    account_id, ann = await add_key(store)
    _, bob = await add_key(store, "bob")
    slots = [(day, key) for day in (FIRST, SECOND) for key in (ann, bob)]
    async with open_store(database_url, timeout_s=30) as other:
        forth = [other.write_usage(batch(dict.fromkeys(slots, (1, 5)))) for _ in range(15)]
        back = [store.write_usage(batch(dict.fromkeys(slots[::-1], (1, 5)))) for _ in range(15)]
        await asyncio.gather(*forth, *back)

    assert await store.account_usage(account_id, FIRST) == UsageCount(60, 300)


async def test_usage_of_a_key_that_is_gone_keeps_no_batch_from_being_written(
    store: AccountStore,
) -> None:
    account_id, ann = await add_key(store)

    await store.write_usage(batch({(FIRST, ann): (1, 10), (FIRST, "abcdefghijkl"): (1, 10)}))

    assert await store.account_usage(account_id, FIRST) == UsageCount(1, 10)


async def test_the_usage_of_an_account_is_that_of_its_keys_from_a_day_on(
    store: AccountStore,
) -> None:
    account_id, ann = await add_key(store)
    other = new_key()
    await store.add_key(other, account_id)
    _, bob = await add_key(store, "bob")
    await store.write_usage(
        batch(
            {
                (FIRST, ann): (1, 10),
                (SECOND, ann): (2, 20),
                (SECOND, other.key_id): (4, 40),
                (SECOND, bob): (8, 80),
            }
        )
    )

    assert await store.account_usage(account_id, FIRST) == UsageCount(7, 70)
    assert await store.account_usage(account_id, SECOND) == UsageCount(6, 60)
    assert await store.account_usage(account_id, date(2026, 11, 3)) == UsageCount(0, 0)
    assert await store.account_usage(10**6, FIRST) == UsageCount(0, 0)


async def test_rows_are_those_of_the_days_and_the_key_asked_for(store: AccountStore) -> None:
    _, ann = await add_key(store)
    _, bob = await add_key(store, "bob")
    days = [FIRST + timedelta(days=number) for number in range(4)]
    await store.write_usage(batch({(day, key): (1, 1) for day in days for key in (ann, bob)}))

    rows = await store.usage_rows(days[1], days[2], bob)

    assert [(row.day, row.key_id) for row in rows] == [(days[1], bob), (days[2], bob)]


async def test_an_unwritten_batch_counts_once_whether_it_was_added_or_not(
    store: AccountStore,
) -> None:
    account_id, ann = await add_key(store)
    _, bob = await add_key(store, "bob")
    other = new_key()
    await store.add_key(other, account_id)
    added = batch({(SECOND, ann): (1, 10), (SECOND, bob): (2, 20)})
    missing = batch({(FIRST, ann): (4, 40), (SECOND, other.key_id): (8, 80), (SECOND, bob): (1, 1)})
    await store.write_usage(added)

    assert await store.account_usage(account_id, FIRST, [added]) == UsageCount(1, 10)
    assert await store.account_usage(account_id, FIRST, [added, missing]) == UsageCount(13, 130)
    assert await store.account_usage(account_id, SECOND, [missing, added]) == UsageCount(9, 90)
    await store.write_usage(missing)
    assert await store.account_usage(account_id, FIRST, [added, missing]) == UsageCount(13, 130)


async def test_batches_are_forgotten_when_they_cannot_come_again(
    store: AccountStore, execute: Execute
) -> None:
    account_id, ann = await add_key(store)
    old, recent = batch({(FIRST, ann): (1, 1)}), batch({(FIRST, ann): (1, 1)})
    await store.write_usage(old)
    await store.write_usage(recent)
    eight_days_ago = (datetime.now(UTC) - timedelta(days=8)).strftime("%Y-%m-%d %H:%M:%S.%f")
    await execute(
        f"UPDATE usage_batches SET written_at = '{eight_days_ago}'"  # noqa: S608  # the test's own
        f" WHERE batch_id = '{old.batch_id}'"
    )
    await store.write_usage(batch({}))

    await store.write_usage(recent)
    assert await store.account_usage(account_id, FIRST) == UsageCount(2, 2)
    await store.write_usage(old)
    assert await store.account_usage(account_id, FIRST) == UsageCount(3, 3)
