"""The text fields of a request, by names that ignore case. Empty fields are absent."""

from collections.abc import Container, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fields:
    """Names, as the caller spelt them, and values, in the order they came."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]]) -> "Fields":
        """Takes the fields of a request; values lose the white space around them."""
        stripped = ((name, value.strip()) for name, value in pairs)
        return cls(tuple((name, value) for name, value in stripped if value))

    def values(self, name: str) -> list[str]:
        """All values of the field ``name``, which is in lower case."""
        return [value for spelt, value in self.pairs if spelt.lower() == name]

    def names_beyond(self, known: Container[str]) -> list[str]:
        """The names, once each, that are not among the lower-case ``known``."""
        return list(dict.fromkeys(name for name, _ in self.pairs if name.lower() not in known))
