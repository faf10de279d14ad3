"""All codes that failures have, for tables that need a row for each."""

from collections.abc import Iterator

from gateway.errors import ApiError


def error_codes() -> set[str]:
    """The codes of all kinds of failures but those that dialects have of their own."""
    return {kind.code for kind in _kinds(ApiError) if kind.__module__.startswith("gateway.errors.")}


def all_codes() -> set[str]:
    """The codes of all kinds of failures, those of single dialects included."""
    return {kind.code for kind in _kinds(ApiError) if kind.__module__.startswith("gateway.")}


def _kinds(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
