"""A database of either kind: how it is reached, and how long it may take. Knows no table."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.accounts.store.errors import StoreAwayError, StoreError
from gateway.accounts.store.failures import is_away, reason
from gateway.accounts.store.places import Place, PostgresqlServer, SqliteFile

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]

_Begin = Callable[[AsyncConnection], Awaitable[AsyncConnection]]

_CONNECTIONS = 4


class Database:
    """Does pieces of work at ``place``, none of which takes its caller longer than ``timeout_s``.

    A connection that broke while it was idle, as in a restart of the server, is replaced unseen.
    """

    def __init__(self, place: Place, timeout_s: float) -> None:
        self._place = place
        self._timeout_s = timeout_s
        self._engine = _engine(place, timeout_s)
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def read(self, work: Work[Result]) -> Result:
        """Returns what ``work`` reads, which sees each statement's own state of the database.

        Raises:
            StoreAwayError: the database cannot be reached, or did not answer in time.
            StoreError: it failed in another way.
        """
        return await self._in_time(self._do(work, self._reading))

    async def write(self, work: Work[Result]) -> Result:
        """Does ``work`` wholly or not at all, and returns what it answers.

        Raises:
            StoreAwayError, StoreError: as ``read``; whether the work was done is then unknown.
        """
        return await self._in_time(self._do(work, self._writing))

    async def close(self) -> None:
        """Gives up all connections."""
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        await self._engine.dispose()

    async def _in_time(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        # A dead connection can take seconds to clean up, for which nobody shall wait.
        task = asyncio.create_task(coroutine)
        try:
            await asyncio.wait({task}, timeout=self._timeout_s)
        finally:
            if not task.done():
                task.cancel()
                self._abandoned.add(task)
            task.add_done_callback(self._forget)
        if task.done():
            return task.result()
        raise StoreAwayError(
            f"The database ({self._place}) did not answer in {self._timeout_s:g} s."
        )

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # taken note of, for where nobody else will ask

    async def _do(self, work: Work[Result], begin: _Begin) -> Result:
        try:
            async with self._engine.connect() as fresh:
                connection = await begin(fresh)
                result = await work(connection)
                await connection.commit()
                return result
        except (SQLAlchemyError, OSError) as error:
            kind = StoreAwayError if is_away(error) else StoreError
            raise kind(f"The database ({self._place}) failed: {reason(error)}.") from error

    async def _reading(self, connection: AsyncConnection) -> AsyncConnection:
        if isinstance(self._place, PostgresqlServer):
            return await connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection

    async def _writing(self, connection: AsyncConnection) -> AsyncConnection:
        # A transaction that reads first and writes later could not wait for another writer.
        if isinstance(self._place, SqliteFile):
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        return connection


def _engine(place: Place, timeout_s: float) -> AsyncEngine:
    limits: dict[str, Any] = {
        "hide_parameters": True,
        "max_overflow": 0,
        "pool_size": _CONNECTIONS,
        "pool_timeout": timeout_s,
    }
    match place:
        case SqliteFile():
            # No isolation level: the driver begins no transactions of its own.
            engine = create_async_engine(
                URL.create("sqlite+aiosqlite", database=str(place.path)),
                connect_args={"timeout": timeout_s, "isolation_level": None},
                **limits,
            )
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            return engine
        case PostgresqlServer():
            return create_async_engine(
                "postgresql+asyncpg://",
                async_creator=_connector(place, timeout_s),
                pool_pre_ping=True,
                **limits,
            )


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # A power cut must not take a revocation back; what is written seldom may be written slowly.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _connector(
    place: PostgresqlServer, timeout_s: float
) -> Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]:
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        try:
            return await asyncpg.connect(place.dsn, timeout=timeout_s, command_timeout=timeout_s)
        except (ValueError, OverflowError):  # the latter of a port that is none
            # What is wrong may stand in the text, and so may the password.
            raise StoreError("The URL of the PostgreSQL database is malformed.") from None

    return connect
