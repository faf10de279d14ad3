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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["live", "admin", "synthetic"]

PEPPER_BYTES = 32

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 12
_SECRET_LENGTH = 32  # of 62 characters: 190 bits
_CHECKSUM_LENGTH = 6  # holds any CRC-32
_SHAPE = re.compile(
    rf"(?P<body>mb_(?:{'|'.join(get_args(Mode))})_(?P<id>[0-9A-Za-z]{{{_ID_LENGTH}}})"
    rf"_[0-9A-Za-z]{{{_SECRET_LENGTH}}})(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})"
)
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of a key. ``digest`` is the hex HMAC-SHA-256 of the key under the pepper."""

    key_id: str
    mode: Mode
    label: str
    digest: str
    created_at: str

    @property
    def fingerprint(self) -> str:
        """Names the key in answers and logs without giving it away."""
        return f"tok_fp_{self.digest[:8]}"


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


def digest(key: str, pepper: bytes) -> str:
    """Returns the hash under which ``key`` is kept."""
    return hmac.new(pepper, key.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def recognise(key: str, pepper: bytes, find: Callable[[str], KeyRecord | None]) -> KeyRecord | None:
    """Returns the record of ``key``, or None; an unknown key takes the same work as a known one."""
    known_id = key_id(key)
    record = find(known_id) if known_id is not None else None
    expected = record.digest if record is not None else _NO_DIGEST
    return record if hmac.compare_digest(digest(key, pepper), expected) else None


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    remainder = zlib.crc32(body.encode())
    characters = []
    for _ in range(_CHECKSUM_LENGTH):
        remainder, index = divmod(remainder, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(reversed(characters))
