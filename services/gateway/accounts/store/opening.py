"""Opens the store at a URL, with a schema that fits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from gateway.accounts.private_files import keep_to_owner
from gateway.accounts.store.account_store import AccountStore
from gateway.accounts.store.database import Database
from gateway.accounts.store.errors import StoreError
from gateway.accounts.store.places import PostgresqlServer, SqliteFile, parse_url
from gateway.accounts.store.schema import bring_up_to_date, check_schema

_ENDINGS = ("", "-journal", "-shm", "-wal")
"""Of the names of an SQLite database and of the files that SQLite keeps beside it."""


@asynccontextmanager
async def open_store(
    url: str, *, migrate: bool = True, timeout_s: float = 2.0
) -> AsyncIterator[AccountStore]:
    """Opens the database at ``url``: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.

    With ``migrate``, a missing SQLite file is made, for its owner only, and so is a missing
    schema; an old one is brought up to date. A file that anybody can read is kept to its owner
    from now on. ``timeout_s`` bounds every later call.

    Raises:
        StoreError: the URL is neither's, the database is away or too slow, or its schema is not
            the one that this version knows.
    """
    place = parse_url(url)
    if isinstance(place, SqliteFile):
        for ending in _ENDINGS:
            keep_to_owner(place.path.with_name(f"{place.path.name}{ending}"))
    if migrate:
        await bring_up_to_date(place, timeout_s)
    elif isinstance(place, SqliteFile) and not place.path.exists():
        raise StoreError(f"There is no database at {place}.")
    database = Database(place, timeout_s)
    try:
        if not migrate:
            await check_schema(database)
        yield AccountStore(database)
    finally:
        await database.close()


async def reach_server(url: str, *, timeout_s: float) -> None:
    """Makes sure that a server at ``url`` lets us in. A database in a file has none.

    Raises:
        StoreAwayError: it cannot be reached, or does not answer in ``timeout_s``.
        StoreError: the URL is no database's, or the server does not let us in.
    """
    place = parse_url(url)
    if not isinstance(place, PostgresqlServer):
        return
    database = Database(place, timeout_s)
    try:
        await database.read(lambda connection: connection.execute(select(1)))
    finally:
        await database.close()
