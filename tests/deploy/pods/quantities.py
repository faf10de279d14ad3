"""Numbers as Kubernetes writes them: quantities with units, counts and percentages."""

import math
import re
from fractions import Fraction

from tests.deploy.pods.fields import ManifestError

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?)([A-Za-z]*)")
_UNITS = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1),
    "k": Fraction(10**3), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40),
}  # fmt: skip


def quantity(text: str | float) -> Fraction:
    """Reads `500m`, `1.5`, `64Mi`.

    Raises:
        ManifestError: it is none.
    """
    found = _QUANTITY.fullmatch(str(text))
    if found is None or found[2] not in _UNITS:
        raise ManifestError(f"{text!r} is no quantity")
    return Fraction(found[1]) * _UNITS[found[2]]


def whole(text: str | float, divisor: str | float = "1") -> int:
    """How many divisors a quantity holds, rounded up as Kubernetes does."""
    return math.ceil(quantity(text) / (quantity(divisor) or 1))


def share(value: str | int, of: int, *, up: bool) -> int:
    """Reads a count, or a percentage of a number, rounded up or down."""
    if isinstance(value, int):
        return value
    exact = Fraction(value.removesuffix("%")) * of / 100
    return math.ceil(exact) if up else math.floor(exact)
