"""Request ids: a caller's own where it is well formed, a new one otherwise."""

import re
import secrets
import time

HEADER = "X-Request-Id"
METADATA_KEY = "x-request-id"

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def choose_request_id(offered: str | None) -> str:
    """Returns ``offered`` if it is 1 to 64 of ``A-Z a-z 0-9 . _ -``, else a new id."""
    if offered is not None and _WELL_FORMED.fullmatch(offered):
        return offered
    return new_request_id()


def new_request_id() -> str:
    """Returns ``req_`` and the 32 hex digits of a UUIDv7, so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | secrets.randbits(80)
    version_and_variant = 0xF << 76 | 0x3 << 62
    value = value & ~version_and_variant | 0x7 << 76 | 0x2 << 62
    return f"req_{value:032x}"
