"""Reads the mappings of a manifest strictly: a field that nobody takes is an error."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self


class ManifestError(Exception):
    """A manifest says what a cluster would refuse, or what this harness cannot do."""


class Fields:
    """One mapping of a manifest, whose fields are taken one by one until none is left.

    As a context it raises at its end where one is left.
    """

    def __init__(self, value: Mapping[str, Any] | None, where: str) -> None:
        self.where = where
        self._left = dict(value or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.end()

    def end(self) -> None:
        """Raises where fields are left that nobody took.

        Raises:
            ManifestError: naming them.
        """
        if self._left:
            raise ManifestError(f"{self.where}: unknown {', '.join(sorted(self._left))}")

    def take(self, name: str, default: Any = None) -> Any:
        """Takes a field that may be absent."""
        value = self._left.pop(name, None)
        return default if value is None else value

    def need(self, name: str) -> Any:
        """Takes a field that must be there.

        Raises:
            ManifestError: it is not.
        """
        if (value := self._left.pop(name, None)) is None:
            raise ManifestError(f"{self.where}: {name} is missing")
        return value

    def part(self, name: str) -> "Fields":
        """Takes a mapping; an empty one where it is absent."""
        return Fields(self.take(name), f"{self.where}.{name}")

    def parts(self, name: str) -> list["Fields"]:
        """Takes a list of mappings; an empty one where it is absent."""
        return [
            Fields(value, f"{self.where}.{name}[{index}]")
            for index, value in enumerate(self.take(name, []))
        ]

    def strings(self, name: str) -> dict[str, str]:
        """Takes a mapping of texts."""
        return {key: str(value) for key, value in self.take(name, {}).items()}

    def leave(self, names: Iterable[str]) -> None:
        """Takes fields that mean nothing here."""
        for name in names:
            self._left.pop(name, None)

    def must_be(self, name: str, *values: object) -> None:
        """Takes a field that may be absent and else has one of these values.

        Raises:
            ManifestError: it has another.
        """
        value = self._left.pop(name, None)
        if value is not None and value not in values:
            raise ManifestError(f"{self.where}: {name} {value!r} is not done here")
