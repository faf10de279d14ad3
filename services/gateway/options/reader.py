"""Reads options out of fields and gathers what is wrong with them, to be told all at once."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from gateway.errors import InvalidBackgroundError, InvalidFieldsError
from gateway.options.colour import Colour, ColourError, parse_colour
from gateway.options.fields import Fields, FieldValue

Choice = TypeVar("Choice", bound=Enum)

_BOOLEANS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


class OptionReader:
    """Reads each option by its kind; ``finish`` raises if any of them was bad."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._problems: dict[str, str] = {}
        self._backgrounds: set[str] = set()

    def choice(self, name: str, choices: Mapping[str, Choice], default: Choice) -> Choice:
        """Reads one of ``choices``, whose keys are the accepted spellings in lower case."""
        value = self._single(name)
        if value is None:
            return default
        chosen = choices.get(value.lower()) if isinstance(value, str) else None
        if chosen is None:
            accepted = sorted({choice.value for choice in choices.values()})
            self._problems[name] = f"{name} must be one of {accepted}"
            return default
        return chosen

    def boolean(self, name: str) -> bool:
        """Reads a switch, which is off by default."""
        value = self._single(name)
        if isinstance(value, str):
            value = _BOOLEANS.get(value.lower(), value)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._problems[name] = f"{name} must be a boolean (true or false)"
        return False

    def background(self, name: str) -> Colour | None:
        """Reads the colour to put behind the subject; one that cannot be seen is none."""
        self._backgrounds.add(name)
        value = self._single(name)
        if value is None:
            return None
        try:
            colour = _colour(value)
        except ColourError:
            self._problems[name] = f"{name} must be a valid hex or named color."
            return None
        return colour if colour.alpha > 0 else None

    def finish(self) -> None:
        """Ends the reading.

        Raises:
            InvalidBackgroundError: if the first bad option is a background.
            InvalidFieldsError: if any option was bad. Either lists all of them.
        """
        if not self._problems:
            return
        if next(iter(self._problems)) in self._backgrounds:
            raise InvalidBackgroundError(self._problems)
        raise InvalidFieldsError(self._problems)

    def _single(self, name: str) -> FieldValue | None:
        values = self._fields.values(name)
        if len(values) > 1:
            self._problems[name] = f"{name} must be given only once"
            return None
        return values[0] if values else None


def _colour(value: FieldValue) -> Colour:
    if not isinstance(value, str):
        raise ColourError("no text")
    return parse_colour(value)
