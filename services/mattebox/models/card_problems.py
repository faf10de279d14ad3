"""Tells what is wrong with a card by key and line. Knows nothing of what cards mean."""

import re
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

Location = tuple[str | int, ...]
"""The keys from the card's top to a value; an index stands behind the key of a list."""

_TABLE = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def problems_of(error: ValidationError, text: str) -> str:
    """Writes all problems found in the TOML text of a card, one after another."""
    lines = dict(_located(text))
    details = error.errors(include_url=False)
    return "; ".join(_problem(each["loc"], each["msg"], lines) for each in details)


def _problem(location: Sequence[str | int], message: str, lines: dict[Location, int]) -> str:
    key = ".".join(map(str, location)) or "the card"
    line = _nearest(tuple(location), lines)
    return f"{key}: {message}" if line is None else f"{key} (line {line}): {message}"


def _nearest(location: Location, lines: dict[Location, int]) -> int | None:
    """The line of a value, or of the closest thing around it that is written down."""
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return None


def _located(text: str) -> Iterator[tuple[Location, int]]:
    """Where tables and keys stand, as far as they stand at the start of a line."""
    table: Location = ()
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            bracket, name = header.groups()
            table = tuple(name.split("."))
            if bracket == "[[":
                if name not in seen:
                    yield table, number
                seen[name] = seen.get(name, -1) + 1
                table = (*table, seen[name])
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, key[1]), number
