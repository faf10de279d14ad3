"""The fields of a request, by names that ignore case. Empty fields are absent."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import Enum


class NoText(Enum):
    """Stands for a value that no option takes, such as a list in JSON."""

    VALUE = "no text"


FieldValue = str | bool | NoText
"""Text, or what JSON has beside it: true and 1 are True, false and 0 are False."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names, as the caller spelt them, and values, in the order they came."""

    pairs: tuple[tuple[str, FieldValue], ...] = ()

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, FieldValue]]) -> "Fields":
        """Takes the fields of a request; texts lose the white space around them."""
        stripped = (
            (name, value.strip() if isinstance(value, str) else value) for name, value in pairs
        )
        return cls(tuple((name, value) for name, value in stripped if name and value != ""))

    def values(self, name: str) -> list[FieldValue]:
        """All values of the field ``name``, which is in lower case."""
        return [value for spelt, value in self.pairs if spelt.lower() == name]

    def last(self, name: str) -> FieldValue | None:
        """The last value of the field ``name``, which is in lower case, if it has any."""
        return next(reversed(self.values(name)), None)

    def names_beyond(self, known: Container[str]) -> list[str]:
        """The names, once each, that are not among the lower-case ``known``."""
        return list(dict.fromkeys(name for name, _ in self.pairs if name.lower() not in known))
