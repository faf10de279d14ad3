"""Puts a form together from its parts, within limits. Pure: knows no sockets."""

import io

from gateway.bodies.excess import too_long_field, too_many_fields
from gateway.bodies.kind import BodyKind
from gateway.bodies.multipart import Event, PartData, PartEnd, PartStart
from gateway.bodies.roles import Role, role_of
from gateway.bodies.submission import Gathered, ImageBytes, ImageText, ImageUrl
from gateway.errors import ImageTooLargeError, InvalidImageUrlError, MultipleSourcesError
from gateway.options.fields import FieldValue, NoText
from gateway.settings import UploadSettings

_CODECS = {
    None: "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
}


class FormBuilder:
    """Collects the parts of one form."""

    def __init__(self, limits: UploadSettings) -> None:
        self._limits = limits
        self._gathered = Gathered()
        self._parts = 0
        self._part = PartStart("", None)
        self._role = Role.OTHER
        self._content = io.BytesIO()

    def take(self, event: Event) -> None:
        """Takes what the parser found next.

        Raises:
            ApiError: at the first byte over a limit or of a second source.
        """
        match event:
            case PartStart():
                self._start(event)
            case PartData(data):
                self._add(data)
            case PartEnd():
                self._end()

    def finish(self) -> Gathered:
        """Returns what the form held."""
        return self._gathered

    def _start(self, part: PartStart) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise too_many_fields(self._limits.parts)
        self._part = part
        self._role = role_of(part.name, BodyKind.MULTIPART)
        self._content = io.BytesIO()

    def _add(self, data: bytes) -> None:
        if self._gathered.source is not None and self._counts_as_source(data):
            raise MultipleSourcesError
        self._check_size(self._content.tell() + len(data))
        self._content.write(data)

    def _counts_as_source(self, data: bytes) -> bool:
        match self._role:
            case Role.IMAGE_FILE:
                return True
            case Role.IMAGE_TEXT | Role.IMAGE_URL:
                return not data.isspace()
            case _:
                return False

    def _check_size(self, size_bytes: int) -> None:
        limits = self._limits
        match self._role:
            case Role.IMAGE_FILE:
                is_image_too_large = size_bytes > limits.image_bytes
            case Role.IMAGE_TEXT:
                is_image_too_large = size_bytes > limits.text_bytes
            case _:
                if size_bytes > limits.field_bytes:
                    raise too_long_field(limits.field_bytes)
                return
        if is_image_too_large:
            raise ImageTooLargeError.in_bytes(limits.image_bytes)

    def _end(self) -> None:
        # Unlike joining a list of chunks, this copies nothing.
        content = self._content.getvalue()
        self._content = io.BytesIO()
        match self._role:
            case Role.IMAGE_FILE:
                if content:
                    self._gathered.put(ImageBytes(content))
            case Role.IMAGE_TEXT:
                if content and not content.isspace():
                    self._gathered.put(ImageText(self._part.name.lower(), content))
            case Role.IMAGE_URL:
                self._put_url(self._text(content))
            case _:
                self._gathered.pairs.append((self._part.name, self._text(content)))

    def _put_url(self, text: FieldValue) -> None:
        if not isinstance(text, str):
            raise InvalidImageUrlError
        if url := text.strip():
            self._gathered.put(ImageUrl(url))

    def _text(self, content: bytes) -> FieldValue:
        try:
            return content.decode(_CODECS[self._part.charset])
        except (LookupError, UnicodeDecodeError):
            return NoText.VALUE
