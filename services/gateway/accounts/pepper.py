"""The secret under which keys are hashed: where it comes from, and whether it is the right one."""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from gateway.accounts.keys import PEPPER_BYTES
from gateway.accounts.private_files import keep_to_owner
from gateway.accounts.store import AccountStore, sqlite_path
from gateway.settings import KeysSettings

_FACT = "pepper_check"
_CHECKED_TEXT = b"mattebox: is this the pepper of the keys in this database?"


class PepperError(Exception):
    """There is no pepper, or not the right one; ``str(error)`` says so without telling it."""


def read_pepper(settings: KeysSettings, database_url: str) -> bytes:
    """Returns the pepper: the setting's, its file's, or the one in ``DATABASE.pepper``.

    That file, beside an SQLite database, is made where it is missing, for the owner's eyes only.
    One that anybody can read is kept to its owner from now on.

    Raises:
        PepperError: there is none or a damaged one, or it cannot be read or made.
        StoreError: ``database_url`` is none that accounts can be kept at.
    """
    if settings.pepper is not None:
        return _parse(settings.pepper.get_secret_value(), "MATTEBOX_GATEWAY_KEYS_PEPPER")
    if settings.pepper_file is not None:
        return _read(settings.pepper_file)
    database = sqlite_path(database_url)
    if database is None:
        raise PepperError(
            "A pepper is needed with this database: set MATTEBOX_GATEWAY_KEYS_PEPPER_FILE to a "
            f"file with {2 * PEPPER_BYTES} random hexadecimal digits, the same for all gateways."
        )
    path = database.with_name(f"{database.name}.pepper")
    try:
        if path.exists():
            keep_to_owner(path)
        else:
            _make(path)
    except OSError as error:
        raise PepperError(f"cannot make {path}: {error.strerror}.") from error
    return _read(path)


async def check_pepper(pepper: bytes, store: AccountStore) -> None:
    """Makes sure that the keys in ``store`` were hashed under ``pepper``.

    Raises:
        PepperError: they were not.
        StoreError: the database is away.
    """
    proof = hmac.new(pepper, _CHECKED_TEXT, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(await store.settle_fact(_FACT, proof), proof):
        raise PepperError(
            "The keys in the database were hashed under another pepper, so that none would be "
            "recognised. Set MATTEBOX_GATEWAY_KEYS_PEPPER or _PEPPER_FILE to that pepper, or "
            "restore DATABASE.pepper beside an SQLite database."
        )


def _read(path: Path) -> bytes:
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise PepperError(f"cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        text = ""
    return _parse(text, str(path))


def _parse(text: str, place: str) -> bytes:
    try:
        pepper = bytes.fromhex(text)
    except ValueError:
        pepper = b""
    if len(pepper) != PEPPER_BYTES:
        raise PepperError(
            f"{place} holds no pepper: {2 * PEPPER_BYTES} hexadecimal digits. Restore it from a"
            f" backup; for a new database `openssl rand -hex {PEPPER_BYTES}` makes one."
        )
    return pepper


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(PEPPER_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # Whole or not at all, and never over another starter's.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
