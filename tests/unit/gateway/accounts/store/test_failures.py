import errno
import socket
import ssl

import pytest
from asyncpg import exceptions as postgresql
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.accounts.store.failures import is_away


def told_by(driver_error: Exception, *, connection_lost: bool = False) -> DBAPIError:
    """An error as SQLAlchemy hands it on."""
    adapted = AsyncAdapt_asyncpg_dbapi.Error("told", driver_error)  # type: ignore[no-untyped-call]
    return DBAPIError("SELECT 1", None, adapted, connection_invalidated=connection_lost)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "told"),
        ConnectionResetError(errno.ECONNRESET, "told"),
        OSError(errno.EHOSTUNREACH, "told"),
        OSError("Multiple exceptions: one for each address"),
        FileNotFoundError(errno.ENOENT, "a socket that is no file yet"),
        TimeoutError(),
        socket.gaierror(socket.EAI_AGAIN, "told"),
        socket.gaierror(socket.EAI_NONAME, "told"),
        told_by(postgresql.CannotConnectNowError()),
        told_by(postgresql.ConnectionDoesNotExistError()),
        told_by(postgresql.TooManyConnectionsError()),
        told_by(postgresql.InterfaceError("told"), connection_lost=True),
    ],
)
def test_what_may_pass_is_a_server_that_is_away(error: SQLAlchemyError | OSError) -> None:
    assert is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("the server rejected TLS"),
        ssl.SSLCertVerificationError("told"),
        PermissionError(errno.EACCES, "told"),
        told_by(postgresql.InvalidPasswordError()),
        told_by(postgresql.InvalidCatalogNameError()),
        told_by(postgresql.UndefinedTableError()),
        SQLAlchemyError("told"),
    ],
)
def test_what_stays_so_is_not(error: SQLAlchemyError | OSError) -> None:
    assert not is_away(error)
