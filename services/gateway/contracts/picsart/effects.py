"""Reads what Picsart puts around a subject: stroke and shadow. Pure.

Their units and looks are in no public document: they are chosen here.
"""

from dataclasses import replace
from enum import Enum

from gateway.options.colour import Colour
from gateway.options.effects import Shadow, Stroke
from gateway.options.geometry import Length
from gateway.options.reader import OptionReader


class ShadowPlace(Enum):
    """Whether there is a shadow, and to which side it is moved."""

    DISABLED = "disabled"
    CUSTOM = "custom"
    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


_SHADOWS = {place.value: place for place in ShadowPlace}
_WHITE = Colour(255, 255, 255)

_MOVED_PX = 10
"""Along each axis that the name of a place has."""
_DIRECTIONS = {
    ShadowPlace.TOP: (0, -1),
    ShadowPlace.BOTTOM: (0, 1),
    ShadowPlace.LEFT: (-1, 0),
    ShadowPlace.RIGHT: (1, 0),
    ShadowPlace.TOP_LEFT: (-1, -1),
    ShadowPlace.TOP_RIGHT: (1, -1),
    ShadowPlace.BOTTOM_LEFT: (-1, 1),
    ShadowPlace.BOTTOM_RIGHT: (1, 1),
}


def read_stroke(reader: OptionReader) -> Stroke | None:
    """Reads the outline; none, if nothing of it would be seen."""
    width_px = reader.whole("stroke_size", 0, 100, 0)
    colour = reader.colour("stroke_color", _WHITE)
    colour = _faded(colour, reader.whole("stroke_opacity", 0, 100, 100))
    return Stroke(width_px, colour) if width_px > 0 and colour.alpha > 0 else None


def read_shadow(reader: OptionReader) -> Shadow | None:
    """Reads the shadow; none, if nothing of it would be seen. A custom one needs its offsets."""
    place = reader.choice("shadow", _SHADOWS, ShadowPlace.DISABLED)
    colour = _faded(Colour(0, 0, 0), reader.whole("shadow_opacity", 0, 100, 20))
    blur = reader.whole("shadow_blur", 0, 100, 50)
    offset_x, offset_y = _offset(reader, "x", place), _offset(reader, "y", place)
    if place is ShadowPlace.DISABLED or colour.alpha == 0:
        return None
    if place is not ShadowPlace.CUSTOM:
        offset_x, offset_y = (_MOVED_PX * steps for steps in _DIRECTIONS[place])
    # Half the number, in whole pixels.
    return Shadow(colour, Length(offset_x), Length(offset_y), blur=Length((blur + 1) // 2))


def _offset(reader: OptionReader, axis: str, place: ShadowPlace) -> int:
    name = f"shadow_offset_{axis}"
    offset_px = reader.whole(name, -100, 100, None)
    if offset_px is None and place is ShadowPlace.CUSTOM:
        reader.problem(name, f"{name} must be given with a custom shadow")
    return offset_px or 0


def _faded(colour: Colour, opacity: int) -> Colour:
    """A colour at so many percent of its opacity, halves rounded up."""
    return replace(colour, alpha=(colour.alpha * opacity + 50) // 100)
