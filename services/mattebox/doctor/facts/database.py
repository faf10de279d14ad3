"""The database of accounts, keys and usage, and the secret of its keys. Writes to neither."""

import asyncio
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.accounts.store.places import Place
    from gateway.settings import GatewaySettings

_PEPPER_VARIABLE = "MATTEBOX_GATEWAY_KEYS_PEPPER"


@dataclass(frozen=True, slots=True)
class PepperFacts:
    """Where the pepper is, and what is wrong with it."""

    place: str
    problem: str = ""
    """Why it cannot be used: a sentence."""

    is_there: bool = True
    is_open_to_others: bool = False


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What answered, if anything did."""

    place: str
    """The file, or the server without user and password."""

    is_there: bool = True
    """False for an SQLite file that the first start would make."""

    problem: str = ""
    """Why it cannot be used: a sentence."""

    is_outdated: bool = False
    migrates: bool = True
    """Whether a start would bring the schema up to date."""

    pepper: PepperFacts | None = None
    """None where it is not known at which database it would have to be."""


def gather(settings: "GatewaySettings", state_dir: Path) -> DatabaseFacts:
    """Looks at the database that `mattebox up` would use."""
    from gateway.accounts.store import StoreError  # noqa: PLC0415 - slow to import
    from gateway.accounts.store.places import parse_url  # noqa: PLC0415

    section = settings.database
    url = section.url.get_secret_value()
    if "url" not in section.model_fields_set:
        url = f"sqlite:///{state_dir.absolute() / 'mattebox.db'}"
    try:
        place = parse_url(url)
    except StoreError as error:
        return DatabaseFacts("The database", problem=str(error))
    pepper = _pepper(settings, place)
    path = _path(place)
    if path is not None and not path.exists():
        return DatabaseFacts(str(place), is_there=False, pepper=pepper)
    outdated, problem = False, ""
    try:
        outdated = asyncio.run(_is_outdated(place, section.timeout_s))
    except StoreError as error:
        problem = str(error)
    return DatabaseFacts(
        str(place),
        problem=problem,
        is_outdated=outdated,
        migrates=section.migrate,
        pepper=pepper,
    )


async def _is_outdated(place: "Place", timeout_s: float) -> bool:
    from gateway.accounts.store.database import Database  # noqa: PLC0415 - slow to import
    from gateway.accounts.store.schema import is_outdated  # noqa: PLC0415

    database = Database(place, timeout_s)
    try:
        return await is_outdated(database)
    finally:
        await database.close()


def _pepper(settings: "GatewaySettings", place: "Place") -> PepperFacts:
    """Reads it as a gateway does, but makes none and changes no permissions."""
    from gateway.accounts.pepper import PepperError, read_pepper  # noqa: PLC0415 - slow to import

    keys, path = settings.keys, _path(place)
    if keys.pepper is None and keys.pepper_file is None and path is not None:
        beside = path.with_name(f"{path.name}.pepper")
        if not beside.exists():
            return PepperFacts(str(beside), is_there=False)
        keys = keys.model_copy(update={"pepper_file": beside})
    file = keys.pepper_file if keys.pepper is None else None
    shown = str(file) if file else _PEPPER_VARIABLE
    try:
        read_pepper(keys, "postgresql://host/name")
    except PepperError as error:
        return PepperFacts(shown, str(error))
    is_open = file is not None and bool(file.stat().st_mode & stat.S_IRWXO)
    return PepperFacts(shown, is_open_to_others=is_open)


def _path(place: "Place") -> Path | None:
    from gateway.accounts.store.places import SqliteFile  # noqa: PLC0415 - slow to import

    return place.path if isinstance(place, SqliteFile) else None
