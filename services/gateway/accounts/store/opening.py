"""Opens the store at a URL, with a schema that fits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.accounts.store.account_store import AccountStore
from gateway.accounts.store.database import Database
from gateway.accounts.store.errors import StoreError
from gateway.accounts.store.places import SqliteFile, parse_url
from gateway.accounts.store.schema import bring_up_to_date, check_schema


@asynccontextmanager
async def open_store(
    url: str, *, migrate: bool = True, timeout_s: float = 2.0
) -> AsyncIterator[AccountStore]:
    """Opens the database at ``url``: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.

    With ``migrate``, a missing SQLite file is made, for its owner only, and so is a missing
    schema; an old one is brought up to date. ``timeout_s`` bounds every later call.

    Raises:
        StoreError: the URL is neither's, the database is away or too slow, or its schema is not
            the one that this version knows.
    """
    place = parse_url(url)
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
