"""What each field of a body is for, by its name. Options are not told apart here."""

from enum import Enum, auto

from gateway.bodies.kind import BodyKind

LEGACY_NAME = "image"

_IMAGE_FILE = "image_file"
_IMAGE_TEXTS = frozenset({"image_base64", "image_file_b64"})
_IMAGE_URLS = frozenset({"image_url", "imageurl"})
_API_KEY = "api_key"


class Role(Enum):
    """What a field holds."""

    IMAGE_FILE = auto()
    """An encoded image."""

    IMAGE_TEXT = auto()
    """An encoded image as base64."""

    IMAGE_URL = auto()
    """Where an encoded image is."""

    API_KEY = auto()
    """The key of the caller."""

    OTHER = auto()
    """An option, or something unknown."""


def role_of(name: str, kind: BodyKind) -> Role:
    """The role of a field in a body of ``kind``. Names ignore case."""
    lowered = name.lower()
    if lowered in _IMAGE_TEXTS:
        return Role.IMAGE_TEXT
    if lowered in _IMAGE_URLS:
        return Role.IMAGE_URL
    if kind is BodyKind.MULTIPART and lowered == _IMAGE_FILE:
        return Role.IMAGE_FILE
    if kind is BodyKind.JSON and lowered == LEGACY_NAME:
        return Role.IMAGE_TEXT
    if kind is BodyKind.JSON and is_key_name(name):
        return Role.API_KEY
    return Role.OTHER


def is_key_name(name: str) -> bool:
    """Tells whether a field or a query parameter has the name of the caller's key."""
    return name.lower() == _API_KEY
