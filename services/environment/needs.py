"""Fields of a section that mean something only beside others."""

from collections.abc import Iterator, Mapping, Sequence

from environment.settings import Section


def lacking(prefix: str, section: Section, needs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Says of each field that is set which of those that it ``needs`` is not.

    ``prefix`` is what the names of the section's variables begin with.
    """
    for field, others in needs.items():
        if getattr(section, field) is None:
            continue
        for other in others:
            if getattr(section, other) is None:
                yield f"{prefix}{field.upper()} needs {prefix}{other.upper()}, which is not set."
