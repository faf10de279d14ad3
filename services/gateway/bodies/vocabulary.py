"""What the fields of a dialect's bodies are for, by their names. Options are not told apart."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from gateway.bodies.kind import BodyKind
from gateway.errors import URL_CHARACTERS
from gateway.pictures import URL_FIELD, Slot

LEGACY_NAME = "image"

_API_KEY = "api_key"


class Role(Enum):
    """What a field holds."""

    FILE = auto()
    """An encoded picture."""

    TEXT = auto()
    """An encoded picture as base64."""

    URL = auto()
    """Where an encoded picture is."""

    API_KEY = auto()
    """The key of the caller."""

    OTHER = auto()
    """An option, or something unknown."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field is for. ``slot`` says of which picture, where the role is a picture's."""

    role: Role
    slot: Slot = Slot.IMAGE


Slots = Mapping[str, Slot]
"""Names of fields in lower case, and the pictures they bring."""

OTHER = Meaning(Role.OTHER)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names and the manners of a dialect's bodies. Names ignore case."""

    files: Slots
    """Fields with encoded pictures, in forms only."""

    texts: Slots
    """Fields with base64."""

    urls: Slots
    """Fields that say where a picture is."""

    kinds: frozenset[BodyKind]
    """The bodies that are read."""

    json_texts: Slots = dataclasses.field(default_factory=dict)
    """Fields with base64, in JSON only."""

    url_characters: int = URL_CHARACTERS
    """The most characters of a URL."""

    data_urls: bool = False
    """Whether a ``data:`` URL is taken for the base64 that it holds."""

    last_counts: bool = True
    """Whether the last of several fields of one name counts; else they are an error."""

    file_wins: bool = False
    """Whether a file counts where base64 of the same picture comes beside it."""

    plain_json: bool = True
    """Whether numbers and booleans of JSON count as their text."""

    json_key: bool = False
    """Whether the member ``api_key`` of a JSON body is the caller's key."""

    query: bool = False
    """Whether the fields of the query count, before those of the body; else they are ignored."""

    space_is_plus: bool = True
    """Whether a space in urlencoded base64 stands for a plus sign, however it is written."""

    def meaning(self, name: str, kind: BodyKind) -> Meaning:
        """The meaning of a field in a body of ``kind``."""
        lowered = name.lower()
        if (slot := self._texts_in(kind).get(lowered)) is not None:
            return Meaning(Role.TEXT, slot)
        if (slot := self.urls.get(lowered)) is not None:
            return Meaning(Role.URL, slot)
        if kind is BodyKind.MULTIPART and (slot := self.files.get(lowered)) is not None:
            return Meaning(Role.FILE, slot)
        if self.json_key and kind is BodyKind.JSON and is_key_name(name):
            return Meaning(Role.API_KEY)
        return OTHER

    def url_field(self, slot: Slot) -> str:
        """What to call the field with the URL of a picture: by its first name, if it has any."""
        return next((name for name, of in self.urls.items() if of is slot), URL_FIELD)

    def pictures_in(self, kind: BodyKind) -> int:
        """The most pictures that a body of ``kind`` can hold, at least 1."""
        if kind is BodyKind.RAW:
            return 1
        slots = set(self._texts_in(kind).values())
        if kind is BodyKind.MULTIPART:
            slots.update(self.files.values())
        if self.data_urls:
            slots.update(self.urls.values())
        return max(len(slots), 1)

    def _texts_in(self, kind: BodyKind) -> Slots:
        return {**self.texts, **self.json_texts} if kind is BodyKind.JSON else self.texts


def is_key_name(name: str) -> bool:
    """Tells whether a field or a query parameter has the name of the caller's key."""
    return name.lower() == _API_KEY


V2 = Vocabulary(
    files={"image_file": Slot.IMAGE},
    texts={"image_base64": Slot.IMAGE, "image_file_b64": Slot.IMAGE},
    urls={"image_url": Slot.IMAGE, "imageurl": Slot.IMAGE},
    kinds=frozenset(BodyKind),
    json_texts={LEGACY_NAME: Slot.IMAGE},
    last_counts=False,
    plain_json=False,
    json_key=True,
    space_is_plus=False,
)
"""The bodies of ``POST /v2``."""
