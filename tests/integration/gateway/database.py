"""A database of accounts for the gateways under test: copied, since making one takes a while."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.accounts.administration import Administration
from gateway.accounts.pepper import read_pepper
from gateway.accounts.store import open_store
from gateway.settings import DatabaseSettings, KeysSettings

EMAIL = "someone@example.org"


@dataclass(frozen=True, slots=True)
class Database:
    """A database with one account and one live key of it."""

    url: str
    key: str = ""
    keys: KeysSettings = field(default_factory=KeysSettings)
    timeout_s: float = 20.0
    """For tests on machines however busy; what becomes of slow databases is tested with less."""

    @property
    def settings(self) -> DatabaseSettings:
        return DatabaseSettings.model_validate({"url": self.url, "timeout_s": self.timeout_s})

    @property
    def path(self) -> Path:
        """The file, where it is one of SQLite. The pepper lies beside it."""
        return Path(self.url.removeprefix("sqlite:///"))

    def copied(self, folder: Path) -> "Database":
        for name in (self.path.name, f"{self.path.name}.pepper"):
            shutil.copy(self.path.with_name(name), folder / name)
        return Database(f"sqlite:///{folder / self.path.name}", self.key)


@asynccontextmanager
async def administration(database: Database) -> AsyncIterator[Administration]:
    """What operators do, beside the gateway that runs."""
    pepper = read_pepper(database.keys, database.url)
    async with open_store(database.url) as store:
        yield Administration(store, pepper)


async def new_database(url: str, keys: KeysSettings | None = None) -> Database:
    """Makes an account and a key in the empty database at ``url``."""
    empty = Database(url, keys=keys or KeysSettings())
    async with administration(empty) as operator:
        await operator.create_account(EMAIL)
        key, _ = await operator.create_key(EMAIL)
    return Database(url, key, empty.keys)
