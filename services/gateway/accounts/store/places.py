"""Where a database is, as its URL says. Passwords are in the DSN only, which shows nowhere."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gateway.accounts.store.errors import StoreError

_SQLITE_SCHEMES = frozenset({"sqlite", "sqlite+aiosqlite"})
_POSTGRESQL_SCHEMES = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A database in a file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A database at a server. ``dsn`` is all of its URL; ``name`` is what may be told."""

    dsn: str = field(repr=False)
    name: str

    def __str__(self) -> str:
        return self.name


Place = SqliteFile | PostgresqlServer


def parse_url(url: str) -> Place:
    """Finds out which database ``url`` means: sqlite:///PATH or postgresql://USER:...@HOST/NAME.

    Raises:
        StoreError: it is neither.
    """
    scheme, _, rest = url.strip().partition("://")
    if scheme in _SQLITE_SCHEMES and rest.startswith("/") and rest not in {"/", "/:memory:"}:
        return SqliteFile(Path(rest[1:]))
    if scheme in _POSTGRESQL_SCHEMES:
        dsn = f"postgresql://{rest}"
        return PostgresqlServer(dsn, _shown(dsn))
    raise StoreError("A database URL is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.")


def sqlite_path(url: str) -> Path | None:
    """Returns the file of an SQLite database, None for a database at a server.

    Raises:
        StoreError: ``url`` is neither's.
    """
    place = parse_url(url)
    return place.path if isinstance(place, SqliteFile) else None


def _shown(dsn: str) -> str:
    try:
        parts = urlsplit(dsn)
        host, port = parts.hostname, parts.port
    except ValueError:  # as of several hosts; the driver is the judge of that
        return "PostgreSQL"
    address = f"{host}:{port}" if port else host
    return f"PostgreSQL at {address}" if address else "PostgreSQL"
