"""Reads colours as the service reads ``bg_color``: hexadecimal, CSS names, ``rgb()``, ``hsl()``.

Pure. Comments and escapes of CSS, which the service also reads, are no colours here.
"""

import math
import re
from colorsys import hls_to_rgb
from dataclasses import dataclass

from mattebox.client.grpc.colour_names import COLOUR_NAMES

_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgba?|hsla?)\(([^()]*)\)?")
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?"
_VALUE = re.compile(rf"({_NUMBER})(%|deg|grad|rad|turn)?", re.ASCII)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_MAX_CHARACTERS = 128


class ColourError(ValueError):
    """The text is no colour."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB with straight alpha, each from 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int = 255


@dataclass(frozen=True, slots=True)
class _Value:
    """A number and its unit; ``none`` counts as 0 of any unit."""

    number: float
    unit: str | None


def parse_colour(text: str) -> Colour:
    """Reads one colour, in any case.

    Raises:
        ColourError: if it is none.
    """
    written = text.strip().lower()
    if len(written) > _MAX_CHARACTERS:
        raise ColourError("longer than any colour")
    if digits := _HEX.fullmatch(written):
        return _from_hex(digits[1])
    if written == "transparent":
        return Colour(0, 0, 0, 0)
    if written in COLOUR_NAMES:
        return Colour(*COLOUR_NAMES[written].to_bytes(3))
    if function := _FUNCTION.fullmatch(written):
        return _from_function(function[1], function[2])
    raise ColourError("no colour")


def _from_hex(digits: str) -> Colour:
    width = 1 if len(digits) < 6 else 2
    pairs = [digits[start : start + width] * (3 - width) for start in range(0, len(digits), width)]
    return Colour(*(int(pair, 16) for pair in pairs))


def _from_function(name: str, arguments: str) -> Colour:
    first, second, third, alpha = _values(arguments)
    if alpha.unit not in {"", "%"}:
        raise ColourError("an opacity is a number or a percentage")
    opacity = alpha.number / 100 if alpha.unit == "%" else alpha.number
    if name.startswith("rgb"):
        units = {value.unit for value in (first, second, third)} - {None}
        if units not in (set(), {""}, {"%"}):
            raise ColourError("channels are numbers or percentages, all of one kind")
        whole = 100 if "%" in units else 255
        return _in_bytes(first.number / whole, second.number / whole, third.number / whole, opacity)
    return _in_bytes(*_from_hsl(first, second, third), opacity)


def _from_hsl(hue: _Value, saturation: _Value, lightness: _Value) -> tuple[float, float, float]:
    units = {saturation.unit, lightness.unit} - {None}
    if units not in (set(), {""}, {"%"}):
        raise ColourError("saturation and lightness are percentages")
    light, saturated = (
        min(max(value.number, 0.0), 100.0) / 100 for value in (lightness, saturation)
    )
    return hls_to_rgb(_degrees(hue) / 360, light, saturated)


def _degrees(hue: _Value) -> float:
    if not math.isfinite(hue.number):
        raise ColourError("a hue without end")
    match hue.unit:
        case "" | "deg" | None:
            return hue.number % 360
        case "grad":
            return hue.number / 400 * 360 % 360
        case "rad":
            return math.degrees(hue.number) % 360
        case "turn":
            return hue.number * 360 % 360
        case _:
            raise ColourError("a hue is an angle")


def _values(arguments: str) -> list[_Value]:
    """Reads three values and an opacity, by commas or by spaces and a slash."""
    if "," in arguments:
        written = [each.strip() for each in arguments.split(",")]
    else:
        channels, slash, alpha = arguments.partition("/")
        written = _SPACE.split(channels.strip())
        if len(written) != 3:
            raise ColourError("three values stand before the slash")
        written += [alpha.strip()] * bool(slash)
    if len(written) not in {3, 4}:
        raise ColourError("three values and perhaps an opacity")
    values = [_value(each) for each in written]
    return values if len(values) == 4 else [*values, _Value(1.0, "")]


def _value(written: str) -> _Value:
    if written == "none":
        return _Value(0.0, None)
    if not (found := _VALUE.fullmatch(written)):
        raise ColourError("no number")
    return _Value(float(found[1]), found[2] or "")


def _in_bytes(*shares: float) -> Colour:
    return Colour(*(_byte(share) for share in shares))


def _byte(share: float) -> int:
    # Halves go up, also those that a float's last digits have missed.
    return math.floor(round(min(max(share, 0.0), 1.0) * 255, 6) + 0.5)
