"""What a caller says the subject is, and what answers say of it. Nothing is recognised. Pure."""

from enum import Enum


class SubjectType(Enum):
    """What the subject is, by the names that answers have for it."""

    OTHER = "other"
    PERSON = "person"
    PRODUCT = "product"
    ANIMAL = "animal"
    CAR = "car"
    CAR_INTERIOR = "car_interior"
    CAR_PART = "car_part"
    TRANSPORTATION = "transportation"
    GRAPHICS = "graphics"


SPELLINGS = {each.value: each for each in SubjectType} | {"graphic": SubjectType.GRAPHICS}
"""The types that callers name, beside `AUTO`."""

AUTO = "auto"

_COARSE = frozenset({SubjectType.PERSON, SubjectType.PRODUCT, SubjectType.ANIMAL, SubjectType.CAR})
_FINE_LEVELS = frozenset({"2", "latest"})
_NO_LEVEL = "none"


def subject_type(spelt: str) -> SubjectType:
    """The type of that name. Unknown ones are the automatic one, which is no special one here."""
    return SPELLINGS.get(spelt.lower(), SubjectType.OTHER)


def told_type(subject: SubjectType, level: str) -> str | None:
    """What an answer calls the subject at a ``type_level``, of which unknown ones are level 1."""
    if level.lower() == _NO_LEVEL:
        return None
    if subject in _COARSE or level.lower() in _FINE_LEVELS:
        return subject.value
    return SubjectType.OTHER.value
