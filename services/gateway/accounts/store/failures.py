"""What a failure of a database or its driver means, and how it may be told."""

import os
import ssl

from asyncpg import exceptions as postgresql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_AWAY = (
    postgresql.PostgresConnectionError,
    postgresql.CannotConnectNowError,  # it starts, stops or recovers
    postgresql.AdminShutdownError,
    postgresql.CrashShutdownError,
    postgresql.TooManyConnectionsError,
)


def is_away(error: SQLAlchemyError | OSError) -> bool:
    """Tells whether the server cannot be reached, for now; else to try again changes nothing."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(_of_driver(error), _AWAY)
    if isinstance(error, ssl.SSLError | PermissionError):
        return False
    # One of the plain class is the driver's own, for a server that answers, but without TLS.
    return isinstance(error, OSError) and type(error) is not ConnectionError


def reason(error: SQLAlchemyError | OSError) -> str:
    """Says what went wrong without what the database says of values and users."""
    if isinstance(error, DBAPIError):
        driver_error = _of_driver(error)
        return type(driver_error).__name__ if driver_error is not None else str(error.orig)
    if isinstance(error, OSError) and error.errno and error.strerror:
        # asyncio writes the address into its text. Failures of names have negative numbers.
        return os.strerror(error.errno) if error.errno > 0 else error.strerror
    return type(error).__name__


def _of_driver(error: DBAPIError) -> BaseException | None:
    found: BaseException | None = getattr(error.orig, "driver_exception", None)
    return found
