import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from gateway.accounts.administration import Administration
from gateway.accounts.directory import Clock, KeyDirectory
from gateway.accounts.keys import KeyRecord, KeyTerms, generate_key
from gateway.accounts.store import AccountStore, open_store
from gateway.accounts.store.database import Database
from gateway.accounts.store.places import parse_url
from gateway.errors import UnavailableError
from gateway.settings import KeysSettings
from tests.unit.gateway.accounts.conftest import Execute
from tests.unit.gateway.accounts.records import NOW, PEPPER
from tests.waiting import settle, until

ANN = "ann@example.com"
SETTINGS = KeysSettings(cache_s=2, stale_s=300)
BREAK = "ALTER TABLE api_keys RENAME TO broken"
MEND = "ALTER TABLE broken RENAME TO api_keys"


@dataclass
class Hands:
    """A clock that goes only when it is moved."""

    passed_s: float = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return 1000.0 + self.passed_s


@dataclass
class Calls:
    """Counts how often it is called."""

    count: int = 0

    def __call__(self) -> None:
        self.count += 1


class WatchedStore(AccountStore):
    """The store itself, with a list of what it was asked, which answers when it is let."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_empty = False
        self.is_late = False

    async def find_key(self, key_id: str) -> KeyRecord | None:
        early = await super().find_key(key_id) if self.is_late else None
        self.asked.append(key_id)
        await self.may_answer.wait()
        if self.is_late or self.is_empty:
            return early
        return await super().find_key(key_id)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def stale() -> Calls:
    return Calls()


@pytest.fixture
async def directory(store: AccountStore, hands: Hands, stale: Calls) -> AsyncIterator[KeyDirectory]:
    opened = make(store, hands, stale)
    yield opened
    await opened.close()


@pytest.fixture
async def watched(database_url: str, store: AccountStore) -> AsyncIterator[WatchedStore]:
    assert await store.plans()
    database = Database(parse_url(database_url), timeout_s=10)
    yield WatchedStore(database)
    await database.close()


@pytest.fixture
async def administration(store: AccountStore, hands: Hands) -> Administration:
    administration = Administration(store, PEPPER, hands.now)
    await administration.create_account(ANN)
    return administration


def make(
    store: AccountStore, hands: Hands, stale: Calls, settings: KeysSettings = SETTINGS
) -> KeyDirectory:
    return KeyDirectory(store, PEPPER, settings, stale, Clock(hands.monotonic_s, hands.now))


async def is_good(directory: KeyDirectory, key: str) -> bool:
    return await directory.recognise(key) is not None


async def test_a_key_is_recognised_with_what_the_database_says(
    directory: KeyDirectory, administration: Administration
) -> None:
    key, record = await administration.create_key(ANN, name="shop")

    assert await directory.recognise(key) == record


async def test_what_is_no_good_key_is_not_recognised(
    directory: KeyDirectory, administration: Administration
) -> None:
    key, _ = await administration.create_key(ANN)
    revoked, record = await administration.create_key(ANN)
    await administration.revoke_key(record.key_id)

    for other in (generate_key("live"), key[:-1], "", "nonsense", "\udcff", revoked):
        assert not await is_good(directory, other)


async def test_a_key_hashed_under_another_pepper_is_not_recognised(
    store: AccountStore, administration: Administration
) -> None:
    key, _ = await administration.create_key(ANN)
    other = KeyDirectory(store, bytes(32), SETTINGS)

    assert not await is_good(other, key)
    await other.close()


async def test_a_key_of_a_suspended_account_is_recognised_as_that(
    directory: KeyDirectory, administration: Administration
) -> None:
    key, _ = await administration.create_key(ANN)
    await administration.suspend_account(ANN)

    record = await directory.recognise(key)

    assert record is not None
    assert record.account_suspended


async def test_what_was_read_holds_until_it_is_too_old(
    directory: KeyDirectory, administration: Administration, execute: Execute, hands: Hands
) -> None:
    key, record = await administration.create_key(ANN)
    assert await is_good(directory, key)
    await execute(f"UPDATE api_keys SET name = 'changed' WHERE id = '{record.key_id}'")  # noqa: S608  # own

    hands.passed_s = 1.999
    kept = await directory.recognise(key)
    hands.passed_s = 2.0
    changed = await directory.recognise(key)

    assert kept is not None
    assert changed is not None
    assert (kept.name, changed.name) == ("", "changed")


async def test_a_revocation_is_in_force_everywhere_within_five_seconds(
    directory: KeyDirectory,
    administration: Administration,
    database_url: str,
    hands: Hands,
    stale: Calls,
) -> None:
    slowest = KeysSettings(cache_s=4)
    key, record = await administration.create_key(ANN)
    async with open_store(database_url) as other_store:
        other = make(other_store, hands, stale, slowest)
        assert await is_good(directory, key)
        assert await is_good(other, key)

        await administration.revoke_key(record.key_id)
        hands.passed_s = 4.0

        assert not await is_good(directory, key)
        assert not await is_good(other, key)
        await other.close()


async def test_expiry_is_judged_at_each_request_and_not_at_the_last_reading(
    directory: KeyDirectory, administration: Administration, hands: Hands
) -> None:
    terms = KeyTerms(expires_at=NOW + timedelta(seconds=1))
    key, _ = await administration.create_key(ANN, terms=terms)

    hands.passed_s = 0.999
    assert await is_good(directory, key)
    hands.passed_s = 1.0
    assert not await is_good(directory, key)


async def test_both_keys_of_a_rotation_are_good_until_the_overlap_is_over(
    directory: KeyDirectory, administration: Administration, hands: Hands
) -> None:
    old, record = await administration.create_key(ANN)
    new, _ = await administration.rotate_key(record.key_id, timedelta(hours=1))

    assert await is_good(directory, old)
    assert await is_good(directory, new)
    hands.passed_s = 3600.0
    assert not await is_good(directory, old)
    assert await is_good(directory, new)


async def test_an_unknown_key_is_asked_for_again_only_when_the_answer_is_old(
    directory: KeyDirectory, administration: Administration, execute: Execute, hands: Hands
) -> None:
    key, record = await administration.create_key(ANN)
    await execute("UPDATE api_keys SET id = 'abcdefghijkl'")
    assert not await is_good(directory, key)
    await execute(f"UPDATE api_keys SET id = '{record.key_id}'")  # noqa: S608  # the test's own

    assert not await is_good(directory, key)
    hands.passed_s = 2.0
    assert await is_good(directory, key)


async def test_requests_at_the_same_time_ask_once(
    watched: WatchedStore, administration: Administration, hands: Hands, stale: Calls
) -> None:
    directory = make(watched, hands, stale)
    key, record = await administration.create_key(ANN)

    answers = await asyncio.gather(*(directory.recognise(key) for _ in range(50)))

    assert answers == [record] * 50
    assert watched.asked == [record.key_id]
    await directory.close()


async def test_one_who_leaves_takes_the_answer_from_nobody(
    directory: KeyDirectory, administration: Administration
) -> None:
    key, record = await administration.create_key(ANN)
    leaving = asyncio.create_task(directory.recognise(key))
    staying = asyncio.create_task(directory.recognise(key))
    await asyncio.sleep(0)

    leaving.cancel()

    assert await staying == record
    assert leaving.cancelled()


async def test_made_up_keys_push_out_no_real_one(
    watched: WatchedStore, administration: Administration, hands: Hands, stale: Calls
) -> None:
    directory = make(watched, hands, stale)
    key, record = await administration.create_key(ANN)
    assert await is_good(directory, key)
    watched.is_empty = True

    for _ in range(10_001):
        assert not await is_good(directory, generate_key("live"))

    assert await is_good(directory, key)
    assert watched.asked.count(record.key_id) == 1
    await directory.close()


async def test_a_flood_of_made_up_keys_does_not_keep_real_ones_from_being_looked_up(
    watched: WatchedStore, administration: Administration, hands: Hands, stale: Calls
) -> None:
    directory = make(watched, hands, stale)
    key, record = await administration.create_key(ANN)
    assert await is_good(directory, key)
    hands.passed_s = 3.0  # too old by now
    watched.asked.clear()
    watched.may_answer.clear()

    strangers = [asyncio.create_task(directory.recognise(generate_key("live"))) for _ in range(64)]
    await settle()
    with pytest.raises(UnavailableError):
        await directory.recognise(generate_key("live"))
    await administration.revoke_key(record.key_id)
    revoked = asyncio.create_task(directory.recognise(key))
    await settle()
    watched.may_answer.set()

    assert len(watched.asked) == 65
    assert await asyncio.gather(*strangers) == [None] * 64
    assert await revoked is None
    assert stale.count == 0
    await directory.close()


async def test_while_the_database_is_away_what_was_read_holds(
    directory: KeyDirectory,
    administration: Administration,
    execute: Execute,
    hands: Hands,
    stale: Calls,
) -> None:
    key, record = await administration.create_key(ANN)
    revoked, other = await administration.create_key(ANN)
    await administration.revoke_key(other.key_id)
    assert await is_good(directory, key)
    assert not await is_good(directory, revoked)
    await execute(BREAK)

    for passed_s, count in ((1.0, 0), (2.0, 1), (10.0, 2), (299.9, 3)):
        hands.passed_s = passed_s
        assert await directory.recognise(key) == record
        assert stale.count == count
    assert not await is_good(directory, revoked)

    hands.passed_s = 300.0
    with pytest.raises(UnavailableError):
        await directory.recognise(key)
    await execute(MEND)


async def test_while_the_database_is_away_a_key_not_read_before_is_unavailable(
    directory: KeyDirectory, administration: Administration, execute: Execute, hands: Hands
) -> None:
    key, _ = await administration.create_key(ANN)
    unknown = generate_key("live")
    assert not await is_good(directory, unknown)
    await execute(BREAK)
    hands.passed_s = 2.0

    for unread in (key, unknown, generate_key("live")):
        with pytest.raises(UnavailableError) as told:
            await directory.recognise(unread)
        assert told.value.headers["Retry-After"] == "1"
    assert not await is_good(directory, "nonsense")

    await execute(MEND)
    hands.passed_s = 3.0
    assert await is_good(directory, key)
    assert not await is_good(directory, unknown)


async def test_a_key_that_the_database_no_longer_has_is_not_good_while_it_is_away(
    directory: KeyDirectory, administration: Administration, execute: Execute, hands: Hands
) -> None:
    key, _ = await administration.create_key(ANN)
    assert await is_good(directory, key)
    await directory.close()
    await execute("DELETE FROM api_keys")
    hands.passed_s = 2.0
    assert not await is_good(directory, key)
    await execute(BREAK)

    hands.passed_s = 4.0
    with pytest.raises(UnavailableError):
        await directory.recognise(key)
    await execute(MEND)


async def test_a_revocation_while_the_answer_comes_is_seen_in_time(
    watched: WatchedStore, administration: Administration, hands: Hands, stale: Calls
) -> None:
    directory = make(watched, hands, stale)
    key, record = await administration.create_key(ANN)
    watched.is_late = True
    watched.may_answer.clear()
    asking = asyncio.create_task(directory.recognise(key))
    await until(lambda: bool(watched.asked))
    await administration.revoke_key(record.key_id)
    hands.passed_s = 1.5
    watched.may_answer.set()
    assert await asking is not None

    watched.is_late = False
    hands.passed_s = 2.0
    assert not await is_good(directory, key)
    await directory.close()


async def test_nothing_is_stale_where_that_is_switched_off(
    store: AccountStore,
    administration: Administration,
    execute: Execute,
    hands: Hands,
    stale: Calls,
) -> None:
    directory = make(store, hands, stale, KeysSettings(stale_s=0))
    key, _ = await administration.create_key(ANN)
    assert await is_good(directory, key)
    await directory.close()
    await execute(BREAK)

    hands.passed_s = 2.0
    with pytest.raises(UnavailableError):
        await directory.recognise(key)

    assert stale.count == 0
    await execute(MEND)


async def test_a_database_that_failed_is_asked_once_a_second_and_nobody_waits_for_it(
    watched: WatchedStore,
    administration: Administration,
    execute: Execute,
    hands: Hands,
    stale: Calls,
) -> None:
    directory = make(watched, hands, stale)
    made = [await administration.create_key(ANN) for _ in range(5)]
    for key, _ in made:
        assert await is_good(directory, key)
    await directory.close()
    hands.passed_s = 2.0
    await execute(BREAK)
    assert await is_good(directory, made[0][0])
    watched.asked.clear()
    watched.may_answer.clear()

    for key, _ in made:
        assert await is_good(directory, key)
    await settle()
    assert watched.asked == []

    hands.passed_s = 3.0
    for key, _ in made:
        assert await is_good(directory, key)
    await settle()
    assert watched.asked == [made[0][1].key_id]

    await execute(MEND)
    watched.may_answer.set()
    await directory.close()
    count = stale.count
    assert await is_good(directory, made[0][0])
    assert stale.count == count


async def test_the_use_of_a_key_is_noted_every_ten_minutes(
    directory: KeyDirectory, administration: Administration, store: AccountStore, hands: Hands
) -> None:
    key, record = await administration.create_key(ANN)
    noted = []

    for passed_s in (0.0, 1.0, 599.9, 600.0, 605.0):
        hands.passed_s = passed_s
        assert await is_good(directory, key)
        await directory.close()
        found = await store.find_key(record.key_id)
        assert found is not None
        assert found.last_used_at is not None
        noted.append((found.last_used_at - NOW).total_seconds())

    assert noted == [0.0, 0.0, 0.0, 600.0, 600.0]


async def test_an_attempt_with_a_wrong_secret_is_no_use(
    directory: KeyDirectory,
    administration: Administration,
    store: AccountStore,
    execute: Execute,
) -> None:
    key, record = await administration.create_key(ANN)
    await execute(f"UPDATE api_keys SET digest = '{'0' * 64}'")  # noqa: S608  # the test's own

    assert not await is_good(directory, key)
    await directory.close()

    found = await store.find_key(record.key_id)
    assert found is not None
    assert found.last_used_at is None
