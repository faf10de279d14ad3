import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.accounts.store import StoreError
from gateway.accounts.store.database import Database
from gateway.accounts.store.places import SqliteFile, parse_url
from tests.postgres import PASSWORD, PostgresServer, running_postgres
from tests.unit.gateway.accounts.relay import Relay, running_relay

Open = Callable[..., Awaitable[Database]]


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Open]:
    databases: list[Database] = []

    async def new(timeout_s: float = 10) -> Database:
        place = parse_url(database_url)
        if isinstance(place, SqliteFile):
            place.path.parent.mkdir(exist_ok=True)
        databases.append(Database(place, timeout_s))
        return databases[-1]

    yield new
    for database in databases:
        await database.close()


@pytest.fixture
async def relay(postgres: PostgresServer) -> AsyncIterator[Relay]:
    async with running_relay(postgres.port) as running:
        yield running


def statement(sql: str) -> Callable[[AsyncConnection], Awaitable[list[object]]]:
    async def work(connection: AsyncConnection) -> list[object]:
        done = await connection.execute(text(sql))
        return list(done.scalars()) if done.returns_rows else []

    return work


async def test_what_was_written_is_read(opened: Open) -> None:
    database = await opened()
    await database.write(statement("CREATE TABLE numbers (number INTEGER)"))
    await database.write(statement("INSERT INTO numbers VALUES (1), (2)"))

    assert await database.read(statement("SELECT number FROM numbers ORDER BY number")) == [1, 2]


async def test_work_that_fails_midway_is_not_done(opened: Open) -> None:
    database = await opened()
    await database.write(statement("CREATE TABLE numbers (number INTEGER)"))

    async def insert_and_stop(connection: AsyncConnection) -> None:
        await statement("INSERT INTO numbers VALUES (1)")(connection)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(insert_and_stop)

    assert await database.read(statement("SELECT number FROM numbers")) == []


async def test_writers_at_the_same_time_lose_nothing(opened: Open) -> None:
    one, other = await opened(), await opened()
    await one.write(statement("CREATE TABLE numbers (number INTEGER)"))
    await one.write(statement("INSERT INTO numbers VALUES (0)"))
    add = statement("UPDATE numbers SET number = number + 1")

    await asyncio.gather(*(database.write(add) for database in [one, other] * 20))

    assert await one.read(statement("SELECT number FROM numbers")) == [40]


async def test_a_statement_that_fails_tells_no_value(opened: Open) -> None:
    database = await opened()

    with pytest.raises(StoreError, match="failed: ") as told:
        await database.write(
            lambda connection: connection.execute(
                text("INSERT INTO nowhere VALUES (:value)"), {"value": "canary"}
            )
        )

    assert "canary" not in "".join(traceback.format_exception(told.value))


async def test_a_write_that_waits_too_long_for_another_is_given_up(opened: Open) -> None:
    slow, hasty = await opened(), await opened(timeout_s=1)
    await slow.write(statement("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    await slow.write(statement("INSERT INTO numbers VALUES (1)"))
    change = statement("UPDATE numbers SET number = number + 1")

    async def change_while_the_other_tries(connection: AsyncConnection) -> None:
        await change(connection)
        with pytest.raises(StoreError):
            await hasty.write(change)

    await slow.write(change_while_the_other_tries)

    assert await hasty.read(statement("SELECT number FROM numbers")) == [2]
    await hasty.write(change)
    assert await slow.read(statement("SELECT number FROM numbers")) == [3]


async def test_work_that_never_ends_is_given_up(opened: Open) -> None:
    database = await opened(timeout_s=0.2)

    with pytest.raises(StoreError, match=r"did not answer in 0\.2 s"):
        await database.read(lambda _: asyncio.Event().wait())

    assert await database.read(statement("SELECT 1")) == [1]


async def test_more_work_than_connections_is_all_done(opened: Open) -> None:
    database = await opened()

    answers = await asyncio.gather(*(database.read(statement("SELECT 1")) for _ in range(40)))

    assert answers == [[1]] * 40


async def test_cancelled_work_leaves_the_connection_usable(opened: Open) -> None:
    database = await opened()
    begun = asyncio.Event()

    async def wait_forever(connection: AsyncConnection) -> None:
        await statement("SELECT 1")(connection)
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(database.write(wait_forever))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert await database.write(statement("SELECT 1")) == [1]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (PASSWORD, "canary", "InvalidPasswordError"),
        ("/postgres?", "/canary?", "InvalidCatalogNameError"),
        ("mattebox:", "canary:", "InvalidPasswordError"),
        ("127.0.0.1", "canary.invalid", r"Name or service not known|Temporary failure"),
        ("127.0.0.1:", "127.0.0.1:canary", "malformed"),
        ("127.0.0.1:", "127.0.0.1:1", "malformed"),  # a port of six digits
    ],
)
async def test_a_server_that_refuses_is_told_without_secrets(
    postgres: PostgresServer, old: str, new: str, reason: str
) -> None:
    url = postgres.new_database().replace(old, new)
    database = Database(parse_url(url), timeout_s=10)

    with pytest.raises(StoreError, match=reason) as told:
        await database.read(statement("SELECT 1"))

    assert PASSWORD not in "".join(traceback.format_exception(told.value))
    assert "canary" not in str(told.value).replace("canary.invalid", "")
    await database.close()


async def test_a_restart_of_the_server_is_not_noticed() -> None:
    with running_postgres() as server:
        database = Database(parse_url(server.new_database()), timeout_s=10)
        assert await database.read(statement("SELECT 1")) == [1]

        await asyncio.to_thread(server.stop)
        with pytest.raises(StoreError, match="failed: "):
            await database.read(statement("SELECT 1"))

        await asyncio.to_thread(server.start)
        assert await database.read(statement("SELECT 1")) == [1]

        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        assert await database.write(statement("SELECT 1")) == [1]
        await database.close()


async def test_a_server_that_falls_silent_keeps_nobody(
    postgres: PostgresServer, relay: Relay
) -> None:
    url = postgres.new_database().replace(str(postgres.port), str(relay.port))
    database = Database(parse_url(url), timeout_s=0.3)
    await database.read(statement("SELECT 1"))

    relay.hold()
    with pytest.raises(StoreError, match=r"did not answer in 0\.3 s|failed"):
        await database.read(statement("SELECT 1"))
    relay.release()

    assert await database.read(statement("SELECT 1")) == [1]
    await database.close()


async def test_a_server_that_falls_silent_keeps_no_database_open(
    postgres: PostgresServer, relay: Relay
) -> None:
    url = postgres.new_database().replace(str(postgres.port), str(relay.port))
    database = Database(parse_url(url), timeout_s=0.3)
    await asyncio.gather(*(database.read(statement("SELECT 1")) for _ in range(4)))

    relay.hold()
    async with asyncio.timeout(30):
        await database.close()
