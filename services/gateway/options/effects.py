"""What is added to a subject: its shadow, and the line around it. Pure."""

from dataclasses import dataclass

from gateway.options.colour import Colour
from gateway.options.geometry import NOTHING, Length


@dataclass(frozen=True, slots=True)
class Shadow:
    """The alpha of the subject and its stroke, moved, blurred and coloured, below both."""

    colour: Colour
    """Its alpha is the opacity, and above 0."""
    offset_x: Length = NOTHING
    """To the right; a share is of the width of the subject's box."""
    offset_y: Length = NOTHING
    """Down; a share is of the height of the subject's box."""
    blur: Length = NOTHING
    """Standard deviation of a Gaussian; a share is of the longer side of the subject's box."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line around the subject, below it."""

    width_px: int
    """1 to 100."""
    colour: Colour
    """Its alpha is the opacity, and above 0."""
