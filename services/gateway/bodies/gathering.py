"""Collects the sources and fields of one request, as its dialect takes repeated ones. Pure."""

from gateway.bodies.submission import Gathered, ImageBytes, ImageText, ImageUrl, Source
from gateway.bodies.vocabulary import Meaning, Role, Vocabulary
from gateway.errors import InvalidImageUrlError, MultipleBackgroundsError, MultipleSourcesError
from gateway.options.fields import FieldValue
from gateway.pictures import Slot, about

BEGINNING_BYTES = 64
"""So many bytes tell what a field holds."""

_DATA_SCHEME = b"data:"
_TOO_MANY = {Slot.IMAGE: MultipleSourcesError, Slot.BACKGROUND: MultipleBackgroundsError}


class Gatherer:
    """Collects what one request brings, field by field, into ``gathered``."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.gathered = Gathered()
        self._origins: dict[Slot, tuple[str, Role]] = {}

    def takes(self, name: str, meaning: Meaning) -> bool:
        """Tells whether a source counts that the field ``name`` has begun to bring.

        Raises:
            MultipleSourcesError: there is one already, and neither comes before the other.
        """
        if meaning.slot not in self._origins:
            return True
        first_name, first_role = self._origins[meaning.slot]
        if self.vocabulary.file_wins and {meaning.role, first_role} == {Role.FILE, Role.TEXT}:
            return meaning.role is Role.FILE
        if self.vocabulary.last_counts and name.lower() == first_name:
            return True
        with about(meaning.slot):
            raise _TOO_MANY[meaning.slot]

    def put_file(self, name: str, meaning: Meaning, content: bytes) -> None:
        """Takes an encoded picture; an empty one is none.

        Raises:
            MultipleSourcesError: as ``takes``.
        """
        if content:
            self._put(name, meaning, ImageBytes(content))

    def put_text(self, name: str, meaning: Meaning, text: bytes) -> None:
        """Takes base64; an empty text is none.

        Raises:
            MultipleSourcesError: as ``takes``.
        """
        if text and not text.isspace():
            self._put(name, meaning, ImageText(name.lower(), text))

    def put_url(self, name: str, meaning: Meaning, url: FieldValue) -> None:
        """Takes a URL, or what a ``data:`` URL holds where that counts; an empty text is none.

        Raises:
            InvalidImageUrlError: it is no text.
            MultipleSourcesError: as ``takes``.
        """
        if not isinstance(url, str):
            with about(meaning.slot, self.vocabulary.url_field(meaning.slot)):
                raise InvalidImageUrlError
        stripped = url.strip()
        if self.holds_picture(meaning, stripped[:BEGINNING_BYTES].encode("utf-8", "replace")):
            self.put_text(name, meaning, stripped.encode("utf-8", "replace"))
        elif stripped:
            self._put(name, meaning, ImageUrl(stripped))

    def holds_picture(self, meaning: Meaning, beginning: bytes) -> bool:
        """Tells whether a field that begins so holds a picture itself, and is bounded as one."""
        match meaning.role:
            case Role.FILE | Role.TEXT:
                return True
            case Role.URL if self.vocabulary.data_urls:
                return beginning[:BEGINNING_BYTES].lstrip().lower().startswith(_DATA_SCHEME)
            case _:
                return False

    def _put(self, name: str, meaning: Meaning, source: Source) -> None:
        if self.takes(name, meaning):
            self._origins[meaning.slot] = (name.lower(), meaning.role)
            self.gathered.sources[meaning.slot] = source
