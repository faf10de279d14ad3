"""What one request brought: its one source, and the fields beside it."""

import dataclasses
from dataclasses import dataclass

from gateway.bodies.kind import BodyKind
from gateway.bodies.roles import LEGACY_NAME
from gateway.errors import MissingImageError, MultipleSourcesError
from gateway.options.fields import Fields, FieldValue


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

    source: Source | None = dataclasses.field(default=None, repr=False)
    pairs: list[tuple[str, FieldValue]] = dataclasses.field(default_factory=list, repr=False)
    api_key: str | None = dataclasses.field(default=None, repr=False)

    def put(self, source: Source) -> None:
        """Takes the source.

        Raises:
            MultipleSourcesError: if there is one.
        """
        if self.source is not None:
            raise MultipleSourcesError
        self.source = source


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
        self._source = gathered.source
        self.is_legacy_image = (
            isinstance(gathered.source, ImageText) and gathered.source.field == LEGACY_NAME
        )

    @property
    def source_bytes(self) -> int:
        """The bytes in memory that the source takes up; 0 if there is none, or no longer."""
        match self._source:
            case ImageBytes(data):
                return len(data)
            case ImageText(_, text):
                return len(text)
            case ImageUrl(url):
                return len(url)
            case None:
                return 0

    def take_source(self) -> Source:
        """Hands the source over: whoever takes it decides when its memory is free.

        Raises:
            MissingImageError: if there is none, or it has been taken.
        """
        source, self._source = self._source, None
        if source is None:
            raise MissingImageError
        return source
