"""Reads lengths, shares and what is made of them, as callers write them in text. Pure."""

import re
from collections.abc import Sequence

from gateway.options.geometry import Length, Margins, Region

MAX_CHARACTERS = 128
MAX_PX = 2**31 - 1

_LENGTH = re.compile(
    r"(?P<number>[+-]?(?:\d{1,10}(?:\.\d{0,10})?|\.\d{1,10}))(?P<unit>px|%|)", re.ASCII
)
_BETWEEN = re.compile(r"\s*,\s*|\s+")


class LengthError(ValueError):
    """The text is no such length, share or list of them."""


def parse_length(text: str) -> Length:
    """Reads ``12px``, ``12`` or ``5%``, in any case. Parts of pixels are rounded.

    Raises:
        LengthError: if it is anything else, or more than ``MAX_PX`` pixels.
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        raise LengthError("no length")
    number = float(match["number"])
    if match["unit"] == "%":
        return Length(share=number / 100)
    if abs(number) > MAX_PX:
        raise LengthError("longer than any picture")
    return Length(px=round(number))


def parse_lengths(text: str) -> list[Length]:
    """Reads lengths with spaces, commas or both between them.

    Raises:
        LengthError: if one of them is none, or the text is longer than ``MAX_CHARACTERS``.
    """
    return [parse_length(piece) for piece in _pieces(text)]


def parse_region(text: str) -> Region:
    """Reads the edges of a box: ``x1 y1 x2 y2``. Whether it is one, the picture decides.

    Raises:
        LengthError: if it is not four lengths.
    """
    match parse_lengths(text):
        case [left, top, right, bottom]:
            return Region(left, top, right, bottom)
        case _:
            raise LengthError("not four lengths")


def margins_css(lengths: Sequence[Length]) -> Margins:
    """Takes margins in the order of CSS.

    One is that of all sides; two are top and bottom, left and right; four are top, right, bottom
    and left.

    Raises:
        LengthError: if they are of another number, or negative.
    """
    if any(length.px < 0 or length.share < 0 for length in lengths):
        raise LengthError("negative")
    match lengths:
        case [every]:
            return Margins(every, every, every, every)
        case [vertical, horizontal]:
            return Margins(vertical, horizontal, vertical, horizontal)
        case [top, right, bottom, left]:
            return Margins(top, right, bottom, left)
        case _:
            raise LengthError("not one, two or four margins")


def margins_xy(lengths: Sequence[Length]) -> Margins:
    """Takes margins in the order of coordinates.

    One is that of all sides; two are left and right, top and bottom; four are left, top, right
    and bottom.

    Raises:
        LengthError: if they are of another number, or negative.
    """
    match lengths:
        case [horizontal, vertical]:
            return margins_css([vertical, horizontal])
        case [left, top, right, bottom]:
            return margins_css([top, right, bottom, left])
        case _:
            return margins_css(lengths)


def parse_share(text: str, low: float = 0.1, high: float = 1.0) -> float:
    """Reads ``10%`` to ``100%``, or within other bounds, which belong to what is allowed.

    Raises:
        LengthError: if it is anything else.
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None or match["unit"] != "%":
        raise LengthError("no share")
    share = float(match["number"]) / 100
    if not low <= share <= high:
        raise LengthError("out of bounds")
    return share


def parse_position(text: str) -> tuple[float, float]:
    """Reads ``x%``, which is that of both directions, or ``x% y%``: from 0 % to 100 % each.

    Raises:
        LengthError: if it is anything else.
    """
    match [parse_share(piece, low=0.0) for piece in _pieces(text)]:
        case [both]:
            return both, both
        case [across, down]:
            return across, down
        case _:
            raise LengthError("neither one share nor two")


def _pieces(text: str) -> list[str]:
    if len(text) > MAX_CHARACTERS:
        raise LengthError("longer than any list")
    return _BETWEEN.split(text.strip())
