"""Reads options out of fields and gathers what is wrong with them, to be told all at once."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from gateway.errors import InvalidFieldsError
from gateway.options.fields import Fields

Choice = TypeVar("Choice", bound=Enum)


class OptionReader:
    """Reads each option by its kind; ``finish`` raises if any of them was bad."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._problems: dict[str, str] = {}

    def choice(self, name: str, choices: Mapping[str, Choice], default: Choice) -> Choice:
        """Reads one of ``choices``, whose keys are the accepted spellings in lower case."""
        value = self._single(name)
        if value is None:
            return default
        chosen = choices.get(value.lower())
        if chosen is None:
            accepted = sorted({choice.value for choice in choices.values()})
            self._problems[name] = f"{name} must be one of {accepted}"
            return default
        return chosen

    def finish(self) -> None:
        """Ends the reading.

        Raises:
            InvalidFieldsError: if any option was bad; it lists all of them.
        """
        if self._problems:
            raise InvalidFieldsError(self._problems)

    def _single(self, name: str) -> str | None:
        values = self._fields.values(name)
        if len(values) > 1:
            self._problems[name] = f"{name} must be given only once"
            return None
        return values[0] if values else None
