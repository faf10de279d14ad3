"""The INSERT that knows ON CONFLICT, which both databases write alike and SQLAlchemy does not."""

from typing import cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.accounts.tables import Table


def insert(connection: AsyncConnection, table: type[Table]) -> postgresql.Insert:
    """Starts an INSERT in the dialect of ``connection``."""
    if connection.dialect.name == sqlite.dialect.name:
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)
