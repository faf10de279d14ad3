"""Reads what an Accept header asks for (RFC 9110, section 12.5.1). Pure."""

from collections.abc import Iterable


def media_ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges of an Accept header in lower case, in order, each with its weight.

    Weights are 0 to 1; one that is no weight is 0. Other parameters are not told.
    """
    ranges = []
    for media_range in accept.lower().split(","):
        name, *parameters = (part.strip() for part in media_range.split(";"))
        if name:
            ranges.append((name, _weight(parameters)))
    return ranges


def quality(ranges: Iterable[tuple[str, float]], media_type: str) -> float:
    """How much ``media_type`` is wanted: the weight of the narrowest range that has it, or 0."""
    kind = media_type.partition("/")[0]
    weights = dict(ranges)
    covering = (media_type, f"{kind}/*", "*/*")
    return next((weights[name] for name in covering if name in weights), 0.0)


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
