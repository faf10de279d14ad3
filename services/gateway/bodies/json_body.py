"""Reads JSON bodies whose members hold an image as base64, or its URL, beside options. Pure."""

import json
from collections.abc import Callable, Iterator

from gateway.bodies.excess import too_long_field, too_many_fields
from gateway.bodies.gathering import Gatherer
from gateway.bodies.json_strings import LongString, cut_long_strings
from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import Gathered
from gateway.bodies.vocabulary import Meaning, Role
from gateway.errors import (
    BadRequestError,
    InvalidBase64Error,
    InvalidFieldsError,
    InvalidJsonError,
)
from gateway.options.fields import FieldValue, NoText
from gateway.pictures import about
from gateway.settings import UploadSettings

MOST_VALUES = 10_000
_MOST_STRINGS = 2 * (MOST_VALUES + 1)  # each value may be one, and have one as its name

_BOM = b"\xef\xbb\xbf"


class _Members(list[tuple[str, object]]):
    """The members of an object, those of the same name too."""


def parse_json(body: bytes, limits: UploadSettings, gatherer: Gatherer) -> Gathered:
    """Takes a body apart with ``gatherer``. An empty one has no members.

    Raises:
        InvalidJsonError: if it is no JSON object in UTF-8.
        InvalidFieldsError: if a source is no string, or there are two keys.
        InvalidBase64Error: if a source is a boolean where booleans count as their text.
        MultipleSourcesError: at the second source.
        BadRequestError: if there is too much in it beside the image.
    """
    if not body or body.isspace():
        return gatherer.gathered
    members = _parsed(body, limits, as_text=gatherer.vocabulary.plain_json)
    if not isinstance(members, _Members):
        raise InvalidJsonError
    if len(members) > limits.parts:
        raise too_many_fields(limits.parts)
    reader = _MemberReader(limits, gatherer)
    for name, value in members:
        if value is not None:
            reader.take(_encodable(name), value)
    return reader.finish()


class _MemberReader:
    """Collects the members of one body."""

    def __init__(self, limits: UploadSettings, gatherer: Gatherer) -> None:
        self._limits = limits
        self._gatherer = gatherer
        self._problems: dict[str, str] = {}

    def take(self, name: str, value: object) -> None:
        """Takes the next member."""
        vocabulary = self._gatherer.vocabulary
        meaning = vocabulary.meaning(name, BodyKind.JSON)
        if vocabulary.plain_json and isinstance(value, bool):
            self._refuse_as_picture(name, meaning)
            value = "true" if value else "false"
        if isinstance(value, LongString):
            self._take_long(name, meaning, value)
        elif meaning.role is Role.OTHER:
            self._gatherer.gathered.pairs.append((name, self._field_value(value)))
        elif not isinstance(value, str):
            self._problems[name.lower()] = f"{name.lower()} must be a string"
        elif meaning.role is Role.TEXT:
            self._gatherer.put_text(name, meaning, value.encode("utf-8", "replace"))
        elif text := _encodable(value).strip():
            self._put_short(name, meaning, text)

    def finish(self) -> Gathered:
        """Returns what was collected.

        Raises:
            InvalidFieldsError: if any source or key was wrong.
        """
        if self._problems:
            raise InvalidFieldsError(self._problems)
        return self._gatherer.gathered

    def _refuse_as_picture(self, name: str, meaning: Meaning) -> None:
        # Four letters would be base64, of three bytes that nobody has meant.
        if meaning.role is Role.TEXT:
            with about(meaning.slot):
                raise InvalidBase64Error(name.lower())

    def _take_long(self, name: str, meaning: Meaning, value: LongString) -> None:
        if not self._gatherer.holds_picture(meaning, value.beginning()):
            raise too_long_field(self._limits.field_bytes)
        self._gatherer.put_text(name, meaning, value.base64_text())

    def _put_short(self, name: str, meaning: Meaning, text: str) -> None:
        gathered = self._gatherer.gathered
        if meaning.role is Role.URL:
            self._gatherer.put_url(name, meaning, text)
        elif gathered.api_key is None:
            gathered.api_key = text
        else:
            self._problems[name.lower()] = f"{name.lower()} must be given only once"

    def _field_value(self, value: object) -> FieldValue:
        if isinstance(value, str):
            return _encodable(value)
        if isinstance(value, bool | int | float) and value in {0, 1}:
            return bool(value)
        return NoText.VALUE


def _parsed(body: bytes, limits: UploadSettings, *, as_text: bool) -> object:
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise BadRequestError(f"The JSON body has more than {MOST_VALUES} commas and brackets.")
    start = len(_BOM) if body.startswith(_BOM) else 0
    try:
        short, long_strings = cut_long_strings(body, start, limits.field_bytes, _MOST_STRINGS)
        most_bytes = limits.parts * limits.field_bytes
        if len(short) > most_bytes:
            raise BadRequestError(
                f"The JSON body has more than {most_bytes} bytes beside its image."
            )
        return json.loads(
            short.decode("utf-8"),
            object_pairs_hook=_Members,
            parse_int=str if as_text else None,
            parse_float=str if as_text else None,
            parse_constant=_in_order(iter(long_strings)),
        )
    except (ValueError, RecursionError) as error:
        raise InvalidJsonError from error


def _in_order(long_strings: Iterator[LongString]) -> Callable[[str], LongString]:
    def next_string(_constant: str) -> LongString:
        for long_string in long_strings:
            return long_string
        raise ValueError("a constant that is no JSON")

    return next_string


def _encodable(text: str) -> str:
    """Replaces the halves of characters that JSON can escape and nothing can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
