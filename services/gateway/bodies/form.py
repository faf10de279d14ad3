"""Puts a form together from its parts, within limits. Pure: knows no sockets."""

import io

from gateway.bodies.excess import too_long_field, too_many_fields
from gateway.bodies.gathering import BEGINNING_BYTES, Gatherer
from gateway.bodies.kind import BodyKind
from gateway.bodies.multipart import Event, PartData, PartEnd, PartStart
from gateway.bodies.submission import Gathered
from gateway.bodies.vocabulary import OTHER, Role
from gateway.errors import ImageTooLargeError
from gateway.options.fields import FieldValue, NoText
from gateway.pictures import about
from gateway.settings import UploadSettings

_CODECS = {
    None: "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
}


class FormBuilder:
    """Collects the parts of one form with ``gatherer``."""

    def __init__(self, limits: UploadSettings, gatherer: Gatherer) -> None:
        self._limits = limits
        self._gatherer = gatherer
        self._parts = 0
        self._part = PartStart("", None)
        self._meaning = OTHER
        self._is_left_out = False
        self._beginning = b""
        self._content = io.BytesIO()

    def take(self, event: Event) -> None:
        """Takes what the parser found next.

        Raises:
            ApiError: at the first byte over a limit or of a source too many.
        """
        match event:
            case PartStart():
                self._start(event)
            case PartData(data):
                self._add(data)
            case PartEnd():
                self._end()

    def finish(self) -> Gathered:
        """Returns what has been gathered."""
        return self._gatherer.gathered

    def _start(self, part: PartStart) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise too_many_fields(self._limits.parts)
        self._part = part
        self._meaning = self._gatherer.vocabulary.meaning(part.name, BodyKind.MULTIPART)
        self._is_left_out = False
        self._beginning = b""
        self._content = io.BytesIO()

    def _add(self, data: bytes) -> None:
        if self._counts_as_source(data):
            self._is_left_out = not self._gatherer.takes(self._part.name, self._meaning)
        if self._is_left_out:
            return
        self._beginning += data[: BEGINNING_BYTES - len(self._beginning)]
        self._check_size(self._content.tell() + len(data))
        self._content.write(data)

    def _counts_as_source(self, data: bytes) -> bool:
        match self._meaning.role:
            case Role.FILE:
                return True
            case Role.TEXT | Role.URL:
                return not data.isspace()
            case _:
                return False

    def _check_size(self, size_bytes: int) -> None:
        limits, meaning = self._limits, self._meaning
        if not self._gatherer.holds_picture(meaning, self._beginning):
            if size_bytes > limits.field_bytes:
                raise too_long_field(limits.field_bytes)
            return
        most_bytes = limits.image_bytes if meaning.role is Role.FILE else limits.text_bytes
        if size_bytes > most_bytes:
            with about(meaning.slot):
                raise ImageTooLargeError.in_bytes(limits.image_bytes)

    def _end(self) -> None:
        # Unlike joining a list of chunks, this copies nothing.
        content = self._content.getvalue()
        self._content = io.BytesIO()
        gatherer, name, meaning = self._gatherer, self._part.name, self._meaning
        match meaning.role:
            case Role.FILE:
                gatherer.put_file(name, meaning, content)
            case Role.TEXT:
                gatherer.put_text(name, meaning, content)
            case Role.URL if gatherer.holds_picture(meaning, self._beginning):
                gatherer.put_text(name, meaning, content)
            case Role.URL:
                gatherer.put_url(name, meaning, self._text(content))
            case _:
                gatherer.gathered.pairs.append((name, self._text(content)))

    def _text(self, content: bytes) -> FieldValue:
        try:
            return content.decode(_CODECS[self._part.charset])
        except (LookupError, UnicodeDecodeError):
            return NoText.VALUE
