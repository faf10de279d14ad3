"""Reads the header ``Retry-After`` (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_ASKED_S = 366 * 86_400.0
"""A year. What asks for more is taken to ask for this: no clock sleeps for ever."""


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds to wait, from 0 to a year; None where the header says nothing.

    A date is counted from the answer's own ``Date``, so that clocks need not agree.
    """
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return bounded_s(float(written))
    until = _date(written)
    if until is None:
        return None
    answered = _date(headers.get("date", "")) or datetime.now(UTC)
    return bounded_s((until - answered).total_seconds())


def bounded_s(asked_s: float) -> float:
    """Returns ``asked_s``, or the nearest that can be waited for."""
    return min(max(0.0, asked_s), LONGEST_ASKED_S)


def _date(written: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
