"""Puts a form together from its parts, within limits. Pure: knows no sockets."""

import io
from collections.abc import Container

from gateway.errors import (
    BadRequestError,
    ImageTooLargeError,
    MissingImageError,
    MultipleSourcesError,
)
from gateway.multipart import Event, PartData, PartEnd, PartStart
from gateway.options.fields import Fields
from gateway.settings import UploadSettings

_CODECS = {
    None: "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
}


class Form:
    """What a form brought: its only image, None if there is none or an empty one, and the rest."""

    def __init__(self, image: bytes | None, fields: Fields) -> None:
        self._image = image
        self.fields = fields

    def image_bytes(self) -> int:
        """The size of the image.

        Raises:
            MissingImageError: if there is none.
        """
        if self._image is None:
            raise MissingImageError
        return len(self._image)

    def take_image(self) -> bytes:
        """Hands the image over: whoever takes it decides when its memory is free.

        Raises:
            MissingImageError: if there is none, or it has been taken.
        """
        image, self._image = self._image, None
        if image is None:
            raise MissingImageError
        return image


class FormBuilder:
    """Collects the parts of one form; parts with one of ``image_names`` hold an image."""

    def __init__(self, limits: UploadSettings, image_names: Container[str]) -> None:
        self._limits = limits
        self._image_names = image_names
        self._image: bytes | None = None
        self._pairs: list[tuple[str, str]] = []
        self._parts = 0
        self._part = PartStart("", None)
        self._content = io.BytesIO()

    def take(self, event: Event) -> None:
        """Takes what the parser found next.

        Raises:
            ApiError: at the first byte over a limit or of a second image.
        """
        match event:
            case PartStart():
                self._start(event)
            case PartData(data):
                self._add(data)
            case PartEnd():
                self._end()

    def finish(self) -> Form:
        """Returns the form."""
        return Form(self._image, Fields.from_pairs(self._pairs))

    @property
    def _in_image(self) -> bool:
        return self._part.name.lower() in self._image_names

    def _start(self, part: PartStart) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise BadRequestError(f"The form has more than {self._limits.parts} parts.")
        self._part = part
        self._content = io.BytesIO()

    def _add(self, data: bytes) -> None:
        size_bytes = self._content.tell() + len(data)
        if self._in_image:
            if self._image is not None:
                raise MultipleSourcesError
            if size_bytes > self._limits.image_bytes:
                raise ImageTooLargeError.in_bytes(self._limits.image_bytes)
        elif size_bytes > self._limits.field_bytes:
            raise BadRequestError(
                f"A field of the form is longer than {self._limits.field_bytes} bytes."
                " Only image_file may be: is the image sent under another name?"
            )
        self._content.write(data)

    def _end(self) -> None:
        # Unlike joining a list of chunks, this copies nothing.
        content = self._content.getvalue()
        self._content = io.BytesIO()
        if not self._in_image:
            self._pairs.append((self._part.name, self._text(content)))
        elif content:
            self._image = content

    def _text(self, content: bytes) -> str:
        try:
            return content.decode(_CODECS[self._part.charset])
        except LookupError as error:
            raise BadRequestError("A field of the form is in a charset not read here.") from error
        except UnicodeDecodeError as error:
            raise BadRequestError("A field of the form is not valid text.") from error
