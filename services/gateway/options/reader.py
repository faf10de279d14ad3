"""Reads options out of fields and gathers what is wrong with them, to be told all at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

from gateway.errors import InvalidBackgroundError, InvalidFieldsError
from gateway.options.colour import Colour, parse_colour
from gateway.options.fields import Fields, FieldValue
from gateway.options.geometry import NO_MARGINS, Length, Margins
from gateway.options.lengths import parse_lengths

Choice = TypeVar("Choice")
Default = TypeVar("Default")
Parsed = TypeVar("Parsed")

_WHOLE = re.compile(r"[+-]?\d{1,10}(?:\.0{0,10})?", re.ASCII)

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


class Repeated(Enum):
    """What several fields of one name mean."""

    REFUSED = auto()
    """An error."""

    LAST_COUNTS = auto()
    """The last one."""


class OptionReader:
    """Reads each option by its kind; ``finish`` raises if any of them was bad."""

    def __init__(self, fields: Fields, repeated: Repeated = Repeated.REFUSED) -> None:
        self._fields = fields
        self._repeated = repeated
        self._problems: dict[str, str] = {}
        self._backgrounds: set[str] = set()

    def choice(self, name: str, choices: Mapping[str, Choice], default: Choice) -> Choice:
        """Reads one of ``choices``, whose keys are the accepted spellings in lower case."""
        value = self._single(name)
        if value is None:
            return default
        chosen = choices.get(value.lower()) if isinstance(value, str) else None
        if chosen is None:
            self.problem(name, f"{name} must be one of {_accepted(choices)}")
            return default
        return chosen

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Reads a switch, which is off by default."""
        value = self._single(name)
        if isinstance(value, str):
            value = _BOOLEANS.get(value.lower(), value)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.problem(name, f"{name} must be a boolean (true or false)")
        return default

    def background(self, name: str) -> Colour | None:
        """Reads the colour to put behind the subject; one that cannot be seen is none."""
        self._backgrounds.add(name)
        colour = self.colour(name, None)
        return colour if colour is not None and colour.alpha > 0 else None

    def colour(self, name: str, default: Default) -> Colour | Default:
        """Reads a colour, visible or not."""
        sentence = f"{name} must be a valid hex or named color."
        return self.parsed(name, parse_colour, sentence, default)

    def whole(self, name: str, low: int, high: int, default: Default) -> int | Default:
        """Reads a whole number from ``low`` to ``high``."""

        def parse(text: str) -> int:
            if not _WHOLE.fullmatch(text) or not low <= int(float(text)) <= high:
                raise ValueError("no such number")
            return int(float(text))

        sentence = f"{name} must be a whole number from {low} to {high}"
        return self.parsed(name, parse, sentence, default)

    def margins(self, name: str, in_order: Callable[[Sequence[Length]], Margins]) -> Margins:
        """Reads borders, by default none; ``in_order`` knows which length is that of which side."""
        sentence = f"{name} must be one, two or four lengths"
        return self.parsed(name, lambda text: in_order(parse_lengths(text)), sentence, NO_MARGINS)

    def text(self, name: str) -> str | None:
        """Reads a text as it is."""
        return self.parsed(name, str, f"{name} must be a text", None)

    def parsed(
        self, name: str, parse: Callable[[str], Parsed], sentence: str, default: Default
    ) -> Parsed | Default:
        """Reads what ``parse`` makes of a text; it raises ValueError where ``sentence`` is due."""
        value = self._single(name)
        if value is None:
            return default
        try:
            return parse(_text(value))
        except ValueError:
            self.problem(name, sentence)
            return default

    def problem(self, name: str, sentence: str) -> None:
        """Notes what is wrong with an option; what was noted of it first is told."""
        self._problems.setdefault(name, sentence)

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
        if self._repeated is Repeated.LAST_COUNTS:
            return self._fields.last(name)
        values = self._fields.values(name)
        if len(values) > 1:
            self.problem(name, f"{name} must be given only once")
            return None
        return values[0] if values else None


def _accepted(choices: Mapping[str, object]) -> list[str]:
    """The values of choices that are named by an enumeration, else their spellings."""
    names = {
        choice.value if isinstance(choice, Enum) else spelling
        for spelling, choice in choices.items()
    }
    return sorted(names)


def _text(value: FieldValue) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004  what parsers raise
    return value
