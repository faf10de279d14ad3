"""Cuts long strings out of JSON before it is parsed. Pure.

Parsed as it is, a body with a long string is held as text, which a single character outside ASCII
makes four times as large.
"""

import dataclasses
import re
from dataclasses import dataclass

from gateway.bodies.escapes import PIECE_BYTES, resolved

_CHARACTERS = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\.)*+')
"""Possessive, and so of constant memory: nothing is kept to go back to."""

_ESCAPES = {
    b"\\/": b"/",
    b"\\u002b": b"+",
    b"\\u002B": b"+",
    b"\\u002d": b"-",
    b"\\u002D": b"-",
    b"\\u002f": b"/",
    b"\\u002F": b"/",
    b"\\u003d": b"=",
    b"\\u003D": b"=",
    b"\\u005f": b"_",
    b"\\u005F": b"_",
    b"\\n": b"\n",
    b"\\r": b"\r",
    b"\\t": b"\t",
}
"""Those that occur in base64: writers of JSON escape no letters or digits."""

_BEGINNING_BYTES = 64
_LONGEST_ESCAPE = len(rb"\u0000")


class JsonStringError(ValueError):
    """A string has no end, or there are more of them than JSON can hold."""


@dataclass(frozen=True, slots=True)
class LongString:
    """A string where it stands in a body, from its first byte to before its closing quote."""

    body: bytes = dataclasses.field(repr=False)
    start: int
    end: int

    def beginning(self) -> bytes:
        """Its first bytes, its escapes as they are."""
        return self.body[self.start : min(self.end, self.start + _BEGINNING_BYTES)]

    def base64_text(self) -> bytes:
        """The string, if it is base64. What is none keeps a byte that base64 does not have."""
        body, start, end = self.body, self.start, self.end
        has_escapes = body.find(b"\\", start, end) >= 0
        if not has_escapes or body.find(b"\\\\", start, end) >= 0:
            return body[start:end]
        return resolved(memoryview(body)[start:end], b"\\", _LONGEST_ESCAPE, _unescaped)


def cut_long_strings(
    body: bytes, start: int, string_bytes: int, most_strings: int
) -> tuple[bytes, list[LongString]]:
    """Cuts out of ``body``, from ``start`` on, the strings that are longer than ``string_bytes``.

    ``NaN`` is put in place of each: it is no JSON, so that nothing else can pass itself off as a
    string that was cut, and parsers call back for it.

    Raises:
        JsonStringError: if a string has no end, or there are more than ``most_strings``.
    """
    position = copied = start
    kept: list[bytes] = []
    long_strings: list[LongString] = []
    for _ in range(most_strings + 1):
        quote = body.find(b'"', position)
        if quote < 0:
            return b"".join([*kept, body[copied:]]), long_strings
        position = _string_end(body, quote + 1) + len(b'"')
        if position - quote - len(b'""') > string_bytes:
            long_strings.append(LongString(body, quote + 1, position - 1))
            kept += body[copied:quote], b"NaN"
            copied = position
    raise JsonStringError("too many strings")


def _string_end(body: bytes, start: int) -> int:
    """Finds the closing quote, by pieces: no other thread runs while an expression is matched."""
    position = start
    while match := _CHARACTERS.match(body, position, position + PIECE_BYTES):
        piece_end = position + PIECE_BYTES
        position = match.end()
        if body.startswith(b'"', position):
            return position
        # An escape may be cut by the end of its piece, and then begins the next.
        if position < piece_end - 1:
            break
    raise JsonStringError("a string has no end")


def _unescaped(piece: bytes) -> bytes:
    for escape, character in _ESCAPES.items():
        piece = piece.replace(escape, character)
    return piece
