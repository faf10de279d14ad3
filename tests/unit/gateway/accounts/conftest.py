"""The databases that the store is tested on: both kinds, for real, a fresh one for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from gateway.accounts.store import AccountStore, open_store
from gateway.accounts.store.database import Database
from gateway.accounts.store.places import parse_url
from tests.postgres import PostgresServer, running_postgres

Execute = Callable[[str], Awaitable[None]]


@pytest.fixture(scope="package")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/accounts.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[AccountStore]:
    async with open_store(database_url, timeout_s=10) as opened:
        yield opened


@pytest.fixture
async def execute(database_url: str) -> AsyncIterator[Execute]:
    """Changes the database behind everybody's back."""
    database = Database(parse_url(database_url), timeout_s=10)

    async def run(statement: str) -> None:
        await database.write(lambda connection: connection.exec_driver_sql(statement))

    yield run
    await database.close()
