"""What one request brought: its pictures, and the fields beside them."""

import dataclasses
from collections.abc import Container
from dataclasses import dataclass

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import LEGACY_NAME
from gateway.errors import MissingImageError
from gateway.options.fields import Fields, FieldValue
from gateway.pictures import Slot


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An encoded image."""

    data: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class ImageText:
    """Base64 of an encoded image, as it came in the field of that lower-case name."""

    field: str
    text: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """Where the encoded image is to be fetched. Nothing of it is checked yet."""

    url: str = dataclasses.field(repr=False)


Source = ImageBytes | ImageText | ImageUrl


@dataclass(slots=True)
class Gathered:
    """What has been found in a body so far."""

    sources: dict[Slot, Source] = dataclasses.field(default_factory=dict, repr=False)
    pairs: list[tuple[str, FieldValue]] = dataclasses.field(default_factory=list, repr=False)
    api_key: str | None = dataclasses.field(default=None, repr=False)

    @property
    def source(self) -> Source | None:
        """The image, if there is one."""
        return self.sources.get(Slot.IMAGE)


class Submission:
    """What one request brought. ``ignored_query`` names what of its query is not used.

    ``api_key`` is the caller's key where it stands in the body, which only JSON allows.
    """

    def __init__(
        self, kind: BodyKind, gathered: Gathered, ignored_query: tuple[str, ...] = ()
    ) -> None:
        self.kind = kind
        self.fields = Fields.from_pairs(gathered.pairs)
        self.ignored_query = ignored_query
        self.api_key = gathered.api_key
        self._sources = dict(gathered.sources)
        image = gathered.source
        self.is_legacy_image = isinstance(image, ImageText) and image.field == LEGACY_NAME

    @property
    def source_bytes(self) -> int:
        """The bytes in memory that the sources take up which have not been taken."""
        return sum(map(_size_bytes, self._sources.values()))

    def names_beyond(self, known: Container[str]) -> list[str]:
        """The names of fields beyond the lower-case ``known``, and of a query that is not used."""
        return [*self.fields.names_beyond(known), *self.ignored_query]

    def has(self, slot: Slot) -> bool:
        """Tells whether there is such a picture, and has not been taken."""
        return slot in self._sources

    def take_source(self, slot: Slot = Slot.IMAGE) -> Source:
        """Hands a source over: whoever takes it decides when its memory is free.

        Raises:
            MissingImageError: if there is none, or it has been taken.
        """
        source = self._sources.pop(slot, None)
        if source is None:
            raise MissingImageError
        return source


def _size_bytes(source: Source) -> int:
    match source:
        case ImageBytes(data):
            return len(data)
        case ImageText(_, text):
            return len(text)
        case ImageUrl(url):
            return len(url)
