"""Brings a database's schema up to date, or says why it does not. One starter at a time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.accounts.migrations import REVISIONS
from gateway.accounts.store.database import Database
from gateway.accounts.store.errors import StoreError
from gateway.accounts.store.places import Place, SqliteFile

MIGRATION_TIMEOUT_S = 300.0
_LOCK = 0x6D61747465626F78
"""Names this project's migrations among the advisory locks of a PostgreSQL server."""

_VERSION = table("alembic_version", column("version_num"))


async def check_schema(database: Database) -> None:
    """Makes sure that the schema is the one that this version knows.

    Raises:
        StoreError: it is older or newer, or the database is away.
    """
    if await is_outdated(database):
        raise StoreError(
            "The database's schema is older than this version. Start one gateway with "
            "MATTEBOX_GATEWAY_DATABASE_MIGRATE=true, which brings it up to date."
        )


async def is_outdated(database: Database) -> bool:
    """Tells whether the schema is older than the one that this version knows, or not there.

    Raises:
        StoreError: it is newer, or the database is away.
    """
    return await database.read(_is_outdated)


async def bring_up_to_date(place: Place, timeout_s: float) -> None:
    """Takes the steps that are missing, all or none. Those who come meanwhile wait.

    Raises:
        StoreError: the schema is newer than this version knows, or the database is away.
    """
    database = Database(place, timeout_s)
    try:
        if isinstance(place, SqliteFile):
            # SQLite fails rather than waits where two change a new file to that at once.
            async with _making(place):
                await database.read(_let_readers_in)
        outdated = await is_outdated(database)
    finally:
        await database.close()
    if outdated:
        await _migrate(place)


async def _migrate(place: Place) -> None:
    database = Database(place, MIGRATION_TIMEOUT_S)
    try:
        await database.write(_take_steps)
    finally:
        await database.close()


async def _take_steps(connection: AsyncConnection) -> None:
    # Loaded here because it takes memory for good, and is needed once in a version.
    from gateway.accounts.migrations import steps  # noqa: PLC0415

    # SQLite lets one write at a time anyway.
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if await _is_outdated(connection):
        await connection.run_sync(steps.upgrade)


async def _is_outdated(connection: AsyncConnection) -> bool:
    revision = await connection.run_sync(_revision)
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            "The database's schema is newer than this version of Mattebox. Start the newer version."
        )
    return revision != REVISIONS[-1]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.scalar(select(_VERSION.c.version_num))
    return found


async def _let_readers_in(connection: AsyncConnection) -> None:
    """Lets others read while one writes. The file remembers it."""
    await connection.exec_driver_sql("PRAGMA journal_mode = WAL")


@asynccontextmanager
async def _making(place: SqliteFile) -> AsyncIterator[None]:
    """Sees to it that there is a file, and lets nobody else in its folder do so meanwhile."""
    try:
        descriptor = await asyncio.to_thread(_locked_folder, place.path)
    except OSError as error:
        raise StoreError(f"The database ({place}) cannot be made: {error.strerror}.") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _locked_folder(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # SQLite gives the files beside it the same permissions. One that is there is not opened:
        # to close it would take away the locks that SQLite holds in this process.
        if not path.exists():
            path.touch(mode=0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
