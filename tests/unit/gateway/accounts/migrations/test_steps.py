from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import gateway.accounts.migrations
from gateway.accounts.migrations import REVISIONS
from gateway.accounts.migrations.steps import downgrade, upgrade
from gateway.accounts.store.database import Database
from gateway.accounts.store.places import SqliteFile, parse_url
from gateway.accounts.tables import Table

TABLES = set(Table.metadata.tables)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    place = parse_url(database_url)
    if isinstance(place, SqliteFile):
        place.path.parent.mkdir()
    opened = Database(place, timeout_s=30)
    yield opened
    await opened.close()


async def test_the_steps_make_what_the_tables_say(database: Database) -> None:
    await database.write(lambda connection: connection.run_sync(upgrade))

    assert await database.read(lambda connection: connection.run_sync(_differences)) == []
    assert await database.read(lambda connection: connection.run_sync(_tables)) == TABLES


async def test_a_difference_would_be_seen(database: Database) -> None:
    await database.write(lambda connection: connection.run_sync(upgrade))
    await database.write(
        lambda connection: connection.exec_driver_sql("ALTER TABLE plans ADD COLUMN extra INTEGER")
    )

    assert await database.read(lambda connection: connection.run_sync(_differences)) != []


async def test_all_steps_can_be_taken_back_and_taken_again(database: Database) -> None:
    await database.write(lambda connection: connection.run_sync(upgrade))

    await database.write(lambda connection: connection.run_sync(downgrade, "base"))
    assert await database.read(lambda connection: connection.run_sync(_tables)) == set()

    await database.write(lambda connection: connection.run_sync(upgrade))
    assert await database.read(lambda connection: connection.run_sync(_tables)) == TABLES


async def test_steps_that_are_taken_already_are_not_taken_again(database: Database) -> None:
    await database.write(lambda connection: connection.run_sync(upgrade))
    await database.write(lambda connection: connection.run_sync(upgrade))

    assert await database.read(lambda connection: connection.run_sync(_differences)) == []


def test_the_revisions_named_are_those_that_there_are() -> None:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(gateway.accounts.migrations.__file__).parent)
    )
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS


def _differences(connection: Connection) -> object:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return compare_metadata(context, Table.metadata)


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}
