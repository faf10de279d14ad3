"""What accounts, plans and keys may be like, in sentences for the operator. Pure."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from gateway.accounts.keys import KeyRecord, KeyTerms, Mode, is_key_id, key_id

_LONGEST_EMAIL = 254  # the longest address that mail can be sent to (RFC 5321)
_LONGEST_NAME = 100
_LARGEST_LIMIT = 10**9
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PLAN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class AdministrationError(Exception):
    """What was asked for cannot be done; ``str(error)`` is a sentence for the operator."""


def kept_address(email: str) -> str:
    """Returns an e-mail address as it is kept: in small letters.

    Raises:
        AdministrationError: it is none.
    """
    kept = email.strip().lower()
    if len(kept) > _LONGEST_EMAIL or not kept.isprintable() or not _EMAIL.fullmatch(kept):
        raise AdministrationError(
            f"{email!r} is no e-mail address. Write it as ann@example.com, at most"
            f" {_LONGEST_EMAIL} characters."
        )
    return kept


def meant_key_id(text: str) -> str:
    """Returns the id of the key that an operator means: by its id, or by the whole key.

    The whole key is what one has when it has leaked. What is neither is never repeated.

    Raises:
        AdministrationError: it is neither.
    """
    meant = key_id(text) or text
    if not is_key_id(meant):
        raise AdministrationError("That is no id of a key; `mattebox keys list` shows them.")
    return meant


def check_plan_name(name: str) -> None:
    """Refuses what cannot name a plan.

    Raises:
        AdministrationError: it cannot.
    """
    if not _PLAN.fullmatch(name):
        raise AdministrationError(
            "The name of a plan is up to 64 small letters, digits, '-' and '_'."
        )


def check_limits(*limits: int | None) -> None:
    """Refuses limits a minute that are out of bounds; None is no limit.

    Raises:
        AdministrationError: one is.
    """
    if any(limit is not None and not 1 <= limit <= _LARGEST_LIMIT for limit in limits):
        raise AdministrationError(f"A limit is from 1 to {_LARGEST_LIMIT} a minute.")


def check_key(mode: str, name: str, terms: KeyTerms, now: datetime) -> None:
    """Refuses what a key cannot be. Whether there is such a plan is not known here.

    Raises:
        AdministrationError: the mode, the name, a limit or the end is out of bounds.
    """
    if mode not in get_args(Mode):
        raise AdministrationError(f"The mode of a key is one of {', '.join(get_args(Mode))}.")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise AdministrationError(
            f"The name of a key is up to {_LONGEST_NAME} printable characters."
        )
    check_limits(terms.requests_per_minute, terms.megapixels_per_minute)
    if terms.expires_at is not None and terms.expires_at <= now:
        raise AdministrationError("A key must expire in the future.")


def check_rotatable(old: KeyRecord, now: datetime) -> None:
    """Refuses to have a key taken over that is accepted no longer, or was taken over before.

    Raises:
        AdministrationError: it is one of these.
    """
    state = old.state_at(now)
    if state in {"revoked", "expired"}:
        raise AdministrationError(
            f"The key {old.key_id} is {state} and cannot be rotated. Make another one with"
            " `mattebox keys create`."
        )
    if old.replaced_by is not None:
        raise AdministrationError(
            f"The key {old.key_id} was rotated before: {old.replaced_by} has taken over."
            " Rotate that one."
        )


def renewed(old: KeyRecord, now: datetime) -> KeyTerms:
    """Returns the terms of the key that takes over: the same, and for as long again."""
    if old.terms.expires_at is None:
        return old.terms
    return replace(old.terms, expires_at=now + (old.terms.expires_at - old.created_at))


def end_of_overlap(old: KeyRecord, now: datetime, overlap: timedelta) -> datetime:
    """Returns when the old key ends: after the overlap, or at its own end if that is sooner."""
    end = now + overlap
    return end if old.terms.expires_at is None else min(end, old.terms.expires_at)
