from pathlib import Path

import pytest

from gateway.accounts.store import StoreError, sqlite_path
from gateway.accounts.store.places import PostgresqlServer, SqliteFile, parse_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///accounts.db", "accounts.db"),
        ("sqlite:///.mattebox/mattebox.db", ".mattebox/mattebox.db"),
        ("sqlite:////var/lib/mattebox.db", "/var/lib/mattebox.db"),
        ("sqlite+aiosqlite:////a b%20?c#d.db", "/a b%20?c#d.db"),
        (" sqlite:///accounts.db\n", "accounts.db"),
    ],
)
def test_three_slashes_name_a_file(url: str, path: str) -> None:
    assert parse_url(url) == SqliteFile(Path(path))
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://ann:secret@db.example/accounts", "PostgreSQL at db.example"),
        ("postgres://ann:secret@db.example:6543/accounts", "PostgreSQL at db.example:6543"),
        ("postgresql+asyncpg://ann:secret@[::1]:5432/a?sslmode=require", "PostgreSQL at ::1:5432"),
        ("postgresql:///a?host=/run/postgresql&password=secret", "PostgreSQL"),
        ("postgresql://ann:secret@one:1,two:2/a", "PostgreSQL"),
        ("postgresql://ann:secret@host:port/a", "PostgreSQL"),
        ("postgresql://", "PostgreSQL"),
    ],
)
def test_a_server_is_told_by_its_address_alone(url: str, told: str) -> None:
    place = parse_url(url)

    assert isinstance(place, PostgresqlServer)
    assert str(place) == told
    assert "secret" not in repr(place)
    assert place.dsn == f"postgresql://{url.partition('://')[2]}"
    assert sqlite_path(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "accounts.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://secret/accounts.db",
        "mysql://ann:secret@localhost/accounts",
        "POSTGRES//secret",
    ],
)
def test_other_urls_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="A database URL is sqlite:///PATH or") as told:
        parse_url(url)

    assert "secret" not in str(told.value)
