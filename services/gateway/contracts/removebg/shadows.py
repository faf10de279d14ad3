"""Reads which shadow is asked for. There is one kind, which stands in for the others too."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from gateway.contracts.removebg.subject_types import SPELLINGS, SubjectType
from gateway.options.colour import Colour
from gateway.options.effects import Shadow
from gateway.options.fields import Fields
from gateway.options.geometry import Length
from gateway.options.reader import OptionReader

_ADD = "add_shadow"
_TYPE = "shadow_type"
_OPACITY = "shadow_opacity"
_OF_TYPES = {
    name: {f"{name}[{spelt}]": subject for spelt, subject in SPELLINGS.items()}
    for name in (_TYPE, _OPACITY)
}
"""The fields that hold for subjects of one type only."""

NAMES = frozenset({_ADD, *_OF_TYPES, *(name for each in _OF_TYPES.values() for name in each)})

_OFFSET = Length(share=0.02)
_BLUR = Length(share=0.02)


class _Kind(Enum):
    NONE = "none"
    DROP = "drop"
    THREE_D = "3D"
    CAR = "car"
    AUTO = "auto"


_KINDS = {kind.value.lower(): kind for kind in _Kind}
_BY_TYPE = {
    SubjectType.CAR: _Kind.CAR,
    SubjectType.PERSON: _Kind.THREE_D,
    SubjectType.TRANSPORTATION: _Kind.THREE_D,
}
"""What `auto` picks where that is no drop shadow."""

_OPACITIES_PERCENT = {_Kind.CAR: 90}
_OPACITY_PERCENT = 50
"""That of all other kinds, where the caller says nothing else."""


@dataclass(frozen=True, slots=True)
class AskedShadow:
    """The shadow that is cast, the fields that have no effect, and those that have another one."""

    shadow: Shadow | None
    ignored: tuple[str, ...] = ()
    approximated: tuple[str, ...] = ()
    is_asked_twice: bool = False
    """In the old way and in the new one."""


class ShadowReader:
    """Reads the shadow of a subject of one type."""

    def __init__(self, fields: Fields, reader: OptionReader, subject: SubjectType) -> None:
        self._fields = fields
        self._reader = reader
        self._subject = subject

    def read(self) -> AskedShadow:
        """Reads all fields about it. The reader gathers what is wrong with any of them."""
        is_added = self._reader.boolean(_ADD)
        kinds = {name: self._reader.choice(name, _KINDS, _Kind.NONE) for name in self._sent(_TYPE)}
        opacities = {name: self._opacity(name) for name in self._sent(_OPACITY)}
        ignored = [
            *self._without_effect(kinds, _TYPE, neutral=_Kind.NONE),
            *self._without_effect(opacities, _OPACITY, neutral=None),
        ]
        name = self._deciding(kinds, _TYPE)
        kind = kinds.get(name, _Kind.NONE)
        if is_added and self._subject is SubjectType.CAR:
            name, kind = _ADD, _Kind.CAR
        elif is_added:
            ignored.append(_ADD)
        kind = _BY_TYPE.get(self._subject, _Kind.DROP) if kind is _Kind.AUTO else kind
        shadow = _shadow(kind, opacities.get(self._deciding(opacities, _OPACITY)))
        is_approximated = shadow is not None and kind is not _Kind.DROP
        return AskedShadow(
            shadow,
            tuple(ignored),
            (name,) if is_approximated else (),
            is_asked_twice=is_added and bool(kinds),
        )

    def _opacity(self, name: str) -> int | None:
        """Percent, or None where it is left to us."""
        sentence = f"{name} must be a whole number from 0 to 100, or auto"
        return self._reader.parsed(name, _percent, sentence, None)

    def _sent(self, name: str) -> list[str]:
        """The fields of that name which the request has: for all types, and for single ones."""
        return [each for each in (name, *_OF_TYPES[name]) if self._fields.last(each) is not None]

    def _deciding(self, sent: Iterable[str], name: str) -> str:
        """Of the fields that were sent, the one that holds for this subject."""
        return next((each for each in sent if _OF_TYPES[name].get(each) is self._subject), name)

    def _without_effect(
        self, sent: Mapping[str, object], name: str, neutral: object
    ) -> Iterator[str]:
        """Those that were sent for subjects of other types."""
        for each, value in sent.items():
            if _OF_TYPES[name].get(each, self._subject) is not self._subject and value != neutral:
                yield each


def _percent(text: str) -> int | None:
    if text.lower() == _Kind.AUTO.value:
        return None
    percent = int(text) if text.isdecimal() and text.isascii() else -1
    if not 0 <= percent <= 100:
        raise ValueError("no percentage")
    return percent


def _shadow(kind: _Kind, opacity_percent: int | None) -> Shadow | None:
    if opacity_percent is None:
        opacity_percent = _OPACITIES_PERCENT.get(kind, _OPACITY_PERCENT)
    if kind is _Kind.NONE or opacity_percent == 0:
        return None
    black = Colour(0, 0, 0, round(255 * opacity_percent / 100))
    return Shadow(black, offset_y=_OFFSET, blur=_BLUR)
