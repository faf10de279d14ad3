"""What API keys look like and how they are recognised. Standard library only; stores nothing.

A key is ``mb_<mode>_<id>_<secret><checksum>``: the prefix is for secret scanners, the id for
look-ups, the checksum for typing mistakes. Only a keyed hash of it is ever stored.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Mode = Literal["live", "admin", "synthetic"]
"""live keys are metered and limited, admin keys are neither, nor are synthetic ones of probes."""

KeyState = Literal["active", "rotating", "expired", "revoked"]
"""A rotating key has been replaced and is still accepted for a while."""

PEPPER_BYTES = 32

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 12
_SECRET_LENGTH = 32  # of 62 characters: 190 bits
_CHECKSUM_LENGTH = 6  # holds any CRC-32
_SHAPE = re.compile(
    rf"(?P<body>mb_(?:{'|'.join(get_args(Mode))})_(?P<id>[0-9A-Za-z]{{{_ID_LENGTH}}})"
    rf"_[0-9A-Za-z]{{{_SECRET_LENGTH}}})(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})"
)
_ID = re.compile(rf"[0-9A-Za-z]{{{_ID_LENGTH}}}")
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What may be agreed for one key. None leaves the limits to the plan, and the end open."""

    plan: str | None = None
    """Plan of this key instead of its account's."""

    requests_per_minute: int | None = None
    megapixels_per_minute: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be kept. ``digest`` is the hex HMAC-SHA-256 of the key under the pepper."""

    key_id: str
    mode: Mode
    name: str
    digest: str
    created_at: datetime
    terms: KeyTerms


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of a key, with what its account and its plan say. Times are in UTC."""

    key_id: str
    mode: Mode
    name: str
    digest: str
    account_id: int
    email: str
    account_plan: str
    account_suspended: bool

    plan: str
    """The plan in force: the key's own, or else its account's."""

    requests_per_minute: int | None
    """The limit in force: the key's own, or else its plan's. None is no limit."""

    megapixels_per_minute: int | None
    """As ``requests_per_minute``."""

    terms: KeyTerms
    """What was agreed for this key alone."""

    created_at: datetime
    revoked_at: datetime | None
    replaced_by: str | None
    """Id of the key that took over from this one."""

    last_used_at: datetime | None
    """When it was last seen, to within ten minutes."""

    @property
    def fingerprint(self) -> str:
        """Names the key in answers and logs without giving it away."""
        return f"tok_fp_{self.digest[:8]}"

    def state_at(self, moment: datetime) -> KeyState:
        """Returns what the key is good for; active and rotating ones are accepted."""
        expires_at = self.terms.expires_at
        if self.revoked_at is not None and self.revoked_at <= moment:
            return "revoked"
        if expires_at is not None and expires_at <= moment:
            return "expired"
        return "active" if self.replaced_by is None else "rotating"


def generate_key(mode: Mode) -> str:
    """Makes a key that nobody can guess. It cannot be had again from its record."""
    body = f"mb_{mode}_{_random_text(_ID_LENGTH)}_{_random_text(_SECRET_LENGTH)}"
    return body + _checksum(body)


def key_id(key: str) -> str | None:
    """Returns the id in ``key``, or None where ``key`` is misspelt."""
    shape = _SHAPE.fullmatch(key)
    if shape is None or shape["checksum"] != _checksum(shape["body"]):
        return None
    return shape["id"]


def is_key_id(text: str) -> bool:
    """Says whether ``text`` looks like the id of a key."""
    return _ID.fullmatch(text) is not None


def digest(key: str, pepper: bytes) -> str:
    """Returns the hash under which ``key`` is kept."""
    return hmac.new(pepper, key.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def matches(key: str, pepper: bytes, record: KeyRecord | None) -> bool:
    """Says whether ``record`` is that of ``key``; no record takes the same work as a wrong one."""
    expected = record.digest if record is not None else _NO_DIGEST
    return hmac.compare_digest(digest(key, pepper), expected)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    remainder = zlib.crc32(body.encode())
    characters = []
    for _ in range(_CHECKSUM_LENGTH):
        remainder, index = divmod(remainder, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(reversed(characters))
