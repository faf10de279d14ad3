"""Reads what operators write into options: durations, rates, limits, dates, e-mail addresses."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import typer

_EMAIL_LENGTH = 254
_LONGEST = timedelta(days=36_500)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,10})([smhd])")
_LARGEST_LIMIT = 10**9
_COUNT = re.compile(r"[0-9]{1,10}")
_RATE = re.compile(rf"({_COUNT.pattern})(?:/min(?:ute)?)?")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit for a minute, at least 1; None is unlimited."""

    per_minute: int | None


def duration(text: str) -> timedelta:
    """Reads `90m`, `24h`, `7d`, `30s` or `0`, at most 100 years.

    Raises:
        typer.BadParameter: it is none.
    """
    if text == "0":
        return timedelta()
    match = _DURATION.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no duration such as 90m, 24h, 7d or 0.")
    amount, unit = match.groups()
    try:
        length = timedelta(**{_UNITS[unit]: int(amount)})
    except OverflowError:
        length = timedelta.max
    if length > _LONGEST:
        raise typer.BadParameter(f"{text!r} is longer than {_LONGEST.days}d.")
    return length


def expiry(text: str) -> datetime:
    """Reads when a key ends: a duration from now, or a date (UTC), at whose beginning it ends.

    Raises:
        typer.BadParameter: it is neither, or not in the future.
    """
    now = datetime.now(UTC)
    if _DURATION.fullmatch(text) or text == "0":
        ends_at = now + duration(text)
    else:
        ends_at = datetime.combine(_date(text, "such as 2027-01-31, nor a duration"), time(), UTC)
    if ends_at <= now:
        raise typer.BadParameter(f"{text!r} is not in the future.")
    return ends_at


def day(text: str) -> date:
    """Reads a date such as 2027-01-31.

    Raises:
        typer.BadParameter: it is none.
    """
    return _date(text, "such as 2027-01-31")


def rate(text: str) -> int:
    """Reads requests a minute: `600/minute`, `600/min` or `600`, from 1 to 1,000,000,000.

    Raises:
        typer.BadParameter: it is none.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no rate such as 600/minute.")
    return _within_bounds(int(match[1]))


def limit(text: str) -> Limit:
    """Reads `unlimited` or a number from 1 to 1,000,000,000.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text == "unlimited":
        return Limit(None)
    if not _COUNT.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is neither a number such as 600 nor 'unlimited'.")
    return Limit(_within_bounds(int(text)))


def email(text: str) -> str:
    """Checks that this may be an e-mail address: a name, one @, a host; no spaces.

    Raises:
        typer.BadParameter: it is none.
    """
    name, _, host = text.partition("@")
    if not name or not host or "@" in host or " " in text or not text.isprintable():
        raise typer.BadParameter(f"{text!r} is no e-mail address.")
    if len(text) > _EMAIL_LENGTH:
        raise typer.BadParameter(f"An e-mail address has at most {_EMAIL_LENGTH} characters.")
    return text


def _within_bounds(per_minute: int) -> int:
    if not 1 <= per_minute <= _LARGEST_LIMIT:
        raise typer.BadParameter(f"A limit is from 1 to {_LARGEST_LIMIT} a minute.")
    return per_minute


def _date(text: str, expected: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date {expected}.") from None
