"""Keys kept in a JSON file of hashes, with the pepper in a file beside it.

Any number of processes may read while one writes: writers take a lock and replace the file whole.
Standard library only.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from gateway.accounts.keys import (
    PEPPER_BYTES,
    KeyRecord,
    Mode,
    digest,
    generate_key,
    key_id,
    recognise,
)

_FORMAT_VERSION = 1


class KeysFileError(Exception):
    """The keys file or its pepper is missing or damaged; the message says which and how."""


class KeysFile:
    """The keys in the file at ``path``, read again whenever the file changes.

    A file that turns bad after it was read once leaves the last good keys in force, and
    ``on_damage`` is told why, once for each bad state.
    """

    def __init__(self, path: Path, on_damage: Callable[[str], None] = lambda _: None) -> None:
        self._path = path
        self._on_damage = on_damage
        self._seen: tuple[int, int, int] | None = None
        self._content: _Content | None = None

    def load(self) -> None:
        """Reads the file if that has not been done yet.

        Raises:
            KeysFileError: if it is missing or damaged.
        """
        self._current()

    def find(self, sought_id: str) -> KeyRecord | None:
        """Returns the record of the key with that id, as the file says now."""
        return self._current().records.get(sought_id)

    def recognise(self, key: str) -> KeyRecord | None:
        """Returns the record of ``key`` if the file has it now."""
        current = self._current()
        return recognise(key, current.pepper, current.records.get)

    def replace_labelled(self, label: str, mode: Mode = "live") -> str:
        """Adds a new key, revokes all others of that label, and returns the new key.

        Makes the file, its folder and its pepper where there are none.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._path.with_suffix(".lock")):
            if self._path.exists():
                present = _read(self._path)
            else:
                present = _Content(_ensure_pepper(_pepper_path(self._path)), {})
            key = generate_key(mode)
            kept = [record for record in present.records.values() if record.label != label]
            _write(self._path, [*kept, _record(key, present.pepper, mode, label)])
        return key

    def _current(self) -> "_Content":
        # Asked for before reading, so that a change in between is seen the next time.
        version = _version(self._path)
        if self._content is None or version != self._seen:
            self._seen = version
            self._content = self._reread(self._content)
        return self._content

    def _reread(self, last_good: "_Content | None") -> "_Content":
        try:
            return _read(self._path)
        except KeysFileError as error:
            if last_good is None:
                raise
            self._on_damage(str(error))
            return last_good


@dataclass(frozen=True, slots=True)
class _Content:
    pepper: bytes
    records: Mapping[str, KeyRecord]


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def _record(key: str, pepper: bytes, mode: Mode, label: str) -> KeyRecord:
    identity = key_id(key)
    if identity is None:
        raise ValueError("not a key")
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    return KeyRecord(identity, mode, label, digest(key, pepper), created_at)


def _read(path: Path) -> _Content:
    try:
        items = json.loads(path.read_bytes())["keys"]
        records = [_record_from_json(item) for item in items]
    except OSError as error:
        raise KeysFileError(f"cannot read {path}: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError) as error:
        raise KeysFileError(f"{path} is no keys file, or a damaged one.") from error
    return _Content(_read_pepper(_pepper_path(path)), {record.key_id: record for record in records})


def _record_from_json(item: Mapping[str, str]) -> KeyRecord:
    record = KeyRecord(**item)  # type: ignore[arg-type]  # checked in the next lines
    texts = all(isinstance(value, str) for value in item.values())
    if not texts or record.mode not in get_args(Mode):
        raise ValueError("not a key record")
    return record


def _read_pepper(path: Path) -> bytes:
    try:
        pepper = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise KeysFileError(f"cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise KeysFileError(f"{path} is no pepper, or a damaged one.") from error
    if len(pepper) != PEPPER_BYTES:
        raise KeysFileError(f"{path} is no pepper, or a damaged one.")
    return pepper


def _write(path: Path, records: Iterable[KeyRecord]) -> None:
    content = {"version": _FORMAT_VERSION, "keys": [asdict(record) for record in records]}
    _replace(path, json.dumps(content, indent=2) + "\n")


def _pepper_path(path: Path) -> Path:
    return path.with_suffix(".pepper")


def _ensure_pepper(path: Path) -> bytes:
    if not path.exists():
        _replace(path, secrets.token_hex(PEPPER_BYTES))
    return _read_pepper(path)


def _replace(path: Path, text: str) -> None:
    """Puts ``text`` in the place of ``path`` at one stroke, readable by the owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
