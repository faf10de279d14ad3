"""Spans as the services see them. Where nothing is traced they are one object that does nothing."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from enum import Enum, auto
from types import TracebackType
from typing import Self

Value = str | int | float | None


class Kind(Enum):
    """What a span is beside its parent."""

    INTERNAL = auto()
    SERVER = auto()
    CLIENT = auto()


class Span:
    """One step of a request, from its beginning to where it is left, or ended.

    What is traced derives from it; this one stands where nothing is. A span never holds an error,
    nor anything else that holds a picture.
    """

    __slots__ = ()

    @property
    def is_recorded(self) -> bool:
        """Whether it takes attributes and links now: it is sampled, and has not been left."""
        return False

    @property
    def trace_id(self) -> str | None:
        """The trace that it is seen in, as 32 hex digits, if it is sampled."""
        return None

    def headers(self) -> dict[str, str]:
        """What tells others whose work theirs is: headers of HTTP, or metadata of gRPC."""
        return {}

    def child(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] | None = None,  # noqa: ARG002
        members: Sequence["Span"] = (),  # noqa: ARG002
    ) -> "Span":
        """Begins a step of this one; it and each of ``members`` are linked with each other."""
        del name, kind
        return self

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Adds attributes; those without a value, or of names not allowed, are left out."""

    def fail(self, code: str, *, ours: bool) -> None:
        """Says why the step failed, by one of our codes; only if it is ``ours`` is it an error."""

    def end(self) -> None:
        """Ends a step that is not left, as it was never entered. Once it has ended this is nothing.

        What it is told later is lost.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


class Tracer:
    """Begins the spans of a process. This one traces nothing."""

    def serve(self, name: str, headers: Mapping[str, str]) -> Span:  # noqa: ARG002
        """Begins the span of a request that came with ``headers``, in its caller's trace."""
        return NO_SPAN


NO_SPAN = Span()
OFF = Tracer()

CURRENT: ContextVar[Span] = ContextVar("span", default=NO_SPAN)


def current() -> Span:
    """The innermost span that has been entered here; tasks inherit that of whoever makes them."""
    return CURRENT.get()


def step(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Mapping[str, Value] | None = None
) -> Span:
    """Begins a step of the current span."""
    return CURRENT.get().child(name, kind, attributes)


def joint(members: Sequence[Span], name: str, attributes: Mapping[str, Value]) -> Span:
    """Begins what is done once for all of ``members``, as a step of the first that is recorded.

    It and each of them are linked with each other, since they may be of different traces.
    """
    recorded = [member for member in members if member.is_recorded]
    first = next(iter(recorded or members), NO_SPAN)
    return first.child(name, Kind.INTERNAL, attributes, recorded)
