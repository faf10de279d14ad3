"""Opens the database that a command is about, as the gateway would, and does the command's work.

What only the extra `gateway` brings is imported here when it is used, so that help needs none.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from mattebox.accounts.errors import CommandError
from mattebox.up.say import say

if TYPE_CHECKING:
    from gateway.accounts.administration import Administration
    from gateway.accounts.store import AccountStore
    from gateway.settings import GatewaySettings

Result = TypeVar("Result")

_DATABASE_FILE = "mattebox.db"
_ADVICE = "`mattebox doctor` says whether the database answers, and what to look at."
# Rather than fail, operators wait for what gateways are writing.
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Which database the operator named, if any; a URL comes before a state directory."""

    state_dir: Path | None = None
    database_url: str | None = None

    def url(self, default: str) -> str:
        """Returns the database's URL."""
        if self.database_url is not None:
            return self.database_url
        if self.state_dir is not None:
            return f"sqlite:///{self.state_dir.absolute() / _DATABASE_FILE}"
        return default


@dataclass(frozen=True, slots=True)
class Session:
    """An open database."""

    administration: "Administration"
    store: "AccountStore"


Work = Callable[[Session], Awaitable[Result]]


def administer(place: Place, work: Work[Result], *, make: bool = False) -> Result:
    """Does `work` and returns its result; tells an error and ends the command with 1."""
    try:
        return do(place, work, make=make)
    except CommandError as error:
        for line in str(error).splitlines():
            say(line)
        raise typer.Exit(1) from error


def do(place: Place, work: Work[Result], *, make: bool) -> Result:
    """Does `work` and returns its result; `make` says whether a missing database is made.

    Raises:
        CommandError: it cannot be done.
    """
    import asyncio  # noqa: PLC0415  # slow to import

    try:
        return asyncio.run(_done(place, work, make=make))
    except ModuleNotFoundError as error:
        raise CommandError(
            f"The package '{error.name}' is not installed. "
            "Install what this command needs with: pip install 'mattebox[gateway]'"
        ) from error


async def _done(place: Place, work: Work[Result], *, make: bool) -> Result:
    from gateway.accounts.administration import Administration  # noqa: PLC0415  # needs the extra
    from gateway.accounts.pepper import PepperError, read_pepper  # noqa: PLC0415
    from gateway.accounts.rules import AdministrationError  # noqa: PLC0415
    from gateway.accounts.store import StoreAwayError, StoreError, open_store  # noqa: PLC0415

    settings = _settings()
    database = settings.database
    url = place.url(database.url.get_secret_value())
    timeout_s = max(database.timeout_s, _PATIENCE_S)
    try:
        if not make:
            _require_database(url)
        pepper = read_pepper(settings.keys, url)
        async with open_store(url, migrate=database.migrate, timeout_s=timeout_s) as store:
            return await work(Session(Administration(store, pepper), store))
    except (AdministrationError, PepperError, StoreError) as error:
        advice = f" {_ADVICE}" if isinstance(error, StoreAwayError) else ""
        raise CommandError(f"{error}{advice}") from error


def _settings() -> "GatewaySettings":
    from environment import SettingsError, read_settings  # noqa: PLC0415  # slow to import
    from gateway.settings import GatewaySettings  # noqa: PLC0415

    try:
        return read_settings(GatewaySettings)
    except SettingsError as error:
        raise CommandError(str(error)) from error


def _require_database(url: str) -> None:
    from gateway.accounts.store import sqlite_path  # noqa: PLC0415  # needs the extra

    path = sqlite_path(url)
    if path is not None and not path.exists():
        raise CommandError(
            f"There is no database {path}. `mattebox up` and `mattebox accounts create` make one; "
            "name another with --state-dir."
        )
