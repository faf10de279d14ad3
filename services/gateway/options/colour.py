"""Reads colours as CSS writes them (CSS Color 4, sections 4 to 7), in sRGB. Pure."""

import math
import re
from dataclasses import dataclass

import tinycss2
from tinycss2 import color4

MAX_CHARACTERS = 128

_BARE_HEX = re.compile(r"[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}")
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_NOTATIONS = frozenset({"ident", "hash", "function"})


class ColourError(ValueError):
    """The text is no colour."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB with straight alpha, each from 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int = 255


def parse_colour(text: str) -> Colour:
    """Reads a hexadecimal colour with or without ``#``, a CSS name, ``rgb()`` or ``hsl()``.

    Other notations of CSS are no colours here: those in wider spaces have no exact place in sRGB,
    and ``currentcolor`` and the names of system colours depend on a page.

    Raises:
        ColourError: if it is anything else.
    """
    written = text.strip().lower()
    if len(written) > MAX_CHARACTERS:
        raise ColourError("longer than any colour")
    if _BARE_HEX.fullmatch(written):
        written = f"#{written}"
    token = tinycss2.parse_one_component_value(written, skip_comments=True)
    if token.type not in _NOTATIONS:
        raise ColourError("no notation of colours")
    if token.type == "function" and token.lower_name not in _FUNCTIONS:
        raise ColourError("another function")
    colour = color4.parse_color(token)
    if not isinstance(colour, color4.Color):
        raise ColourError("no colour")
    return _in_bytes(colour)


def _in_bytes(colour: color4.Color) -> Colour:
    coordinates = [coordinate or 0.0 for coordinate in colour.coordinates]
    if any(map(math.isnan, coordinates)):
        raise ColourError("a hue without end")
    if colour.space == "hsl":
        hue, *shares = coordinates
        # The formula holds within these bounds only.
        coordinates = [hue, *(min(max(share, 0.0), 100.0) for share in shares)]
    red, green, blue = color4.Color(colour.space, coordinates, colour.alpha).to("srgb").coordinates
    return Colour(*(_byte(share) for share in (red, green, blue, colour.alpha)))


def _byte(share: float) -> int:
    # Halves go up, also those that the conversion has missed by a float's last digits.
    return math.floor(round(min(max(share, 0.0), 1.0) * 255, 6) + 0.5)
