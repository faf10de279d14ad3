"""Parses application/x-www-form-urlencoded (WHATWG URL, section 5.1). Pure.

The library's parser is not used, since it makes an object of every escape, and takes the plus
signs out of base64 that a caller forgot to escape.
"""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from gateway.bodies.escapes import resolved
from gateway.bodies.excess import too_long_field, too_many_fields
from gateway.bodies.gathering import BEGINNING_BYTES, Gatherer
from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import Gathered
from gateway.bodies.vocabulary import Role, Vocabulary
from gateway.errors import BadRequestError
from gateway.options.fields import FieldValue, NoText
from gateway.settings import UploadSettings

MAX_NAME_BYTES = 8 * 1024

_BLANKS_BEFORE_PREFIX = re.compile(rb"[\s+]++(?=data:)", re.IGNORECASE)
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_urlencoded(body: bytes, limits: UploadSettings, gatherer: Gatherer) -> Gathered:
    """Takes a body apart with ``gatherer``.

    Raises:
        MultipleSourcesError: at a source too many.
        BadRequestError: if there are too many fields, or one is too long.
    """
    if body.count(b"&") >= limits.parts:
        raise too_many_fields(limits.parts)
    for name, start, end in _fields(body):
        meaning = gatherer.vocabulary.meaning(name, BodyKind.URLENCODED)
        beginning = _unquoted(body[start : min(end, start + BEGINNING_BYTES)])
        if gatherer.holds_picture(meaning, beginning):
            # A plus sign is no space here: it is the base64 of callers that forgot to escape it.
            text = _base64_text(memoryview(body)[start:end], gatherer.vocabulary)
            gatherer.put_text(name, meaning, text)
            continue
        if end - start > limits.field_bytes:
            raise too_long_field(limits.field_bytes)
        value = _text(body[start:end])
        if meaning.role is Role.URL:
            gatherer.put_url(name, meaning, value)
        else:
            gatherer.gathered.pairs.append((name, value))
    return gatherer.gathered


def _base64_text(escaped: memoryview, vocabulary: Vocabulary) -> bytes:
    # Nobody else holds the text between two steps: beside the body there are two copies at most.
    text = percent_decoded(escaped)
    if not vocabulary.space_is_plus:
        return text
    if start := _prefix_start(text):
        text = text[start:]
    if b" " in text:
        text = text.strip()
        text = text.replace(b" ", b"+")
    return text


def _prefix_start(text: bytes) -> int:
    # A match would hold the text for as long as it is there itself.
    match = _BLANKS_BEFORE_PREFIX.match(text)
    return 0 if match is None else match.end()


def percent_decoded(escaped: memoryview) -> bytes:
    """Resolves the escapes of what should be base64, in C and with one copy.

    A piece with a malformed escape stays as it is, since it is no base64 whatever it says.
    """
    return resolved(escaped, b"%", len(b"%00"), _unescaped)


def _unescaped(piece: bytes) -> bytes:
    if b"%" not in piece or _BAD_ESCAPE.search(piece) is not None:
        return piece
    # Quoted-printable is the same with another mark, and nothing but well-formed escapes is left
    # here for its other rules to apply to.
    return binascii.a2b_qp(piece.replace(b"=", b"=3D").replace(b"%", b"="))


def _fields(body: bytes) -> Iterator[tuple[str, int, int]]:
    """The name of each field, and where its value starts and ends."""
    start = 0
    for piece_end in _piece_ends(body):
        name_end = body.find(b"=", start, piece_end)
        name_end = piece_end if name_end < 0 else name_end
        if name_end - start > MAX_NAME_BYTES:
            raise BadRequestError("The name of a field is too long.")
        if start < piece_end:
            name = _unquoted(body[start:name_end]).decode("utf-8", "replace")
            yield name, min(name_end + 1, piece_end), piece_end
        start = piece_end + 1


def _piece_ends(body: bytes) -> Iterator[int]:
    end = body.find(b"&")
    while end >= 0:
        yield end
        end = body.find(b"&", end + 1)
    yield len(body)


def _text(value: bytes) -> FieldValue:
    try:
        return _unquoted(value).decode("utf-8")
    except UnicodeDecodeError:
        return NoText.VALUE


def _unquoted(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))
