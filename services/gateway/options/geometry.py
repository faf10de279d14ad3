"""Where things are and how large, as callers say it before anybody knows the picture. Pure."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Length:
    """Pixels, or a share of another length (1 is all of it); one of both is 0."""

    px: int = 0
    share: float = 0.0


NOTHING = Length()


@dataclass(frozen=True, slots=True)
class Region:
    """A box in an upright image, by its edges; shares are of the image's width or height."""

    left: Length
    top: Length
    right: Length
    bottom: Length


@dataclass(frozen=True, slots=True)
class Margins:
    """Borders around what is visible, none negative; shares are of its width or height.

    The segmenter bounds each by half of that and by 500 pixels.
    """

    top: Length = NOTHING
    right: Length = NOTHING
    bottom: Length = NOTHING
    left: Length = NOTHING


NO_MARGINS = Margins()


@dataclass(frozen=True, slots=True)
class Placement:
    """The size and place of the subject's box on its canvas."""

    scale: float | None = None
    """The share of the canvas into which it is fitted, above 0 to 1; None keeps its size."""

    x: float | None = None
    """The share of the room beside it that lies left, 0 to 1; None keeps its middle in place."""

    y: float | None = None
    """The share of the room that lies above."""


CENTRE = (0.5, 0.5)
"""The place in the middle of both directions."""


class Canvas(Enum):
    """What decides on the size of an answer with a picture behind its subject."""

    IMAGE = "image"
    BACKGROUND = "background"


class Fit(Enum):
    """How an image is scaled to a canvas of another shape."""

    CONTAIN = "contain"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class BackgroundPicture:
    """How the picture behind the subject is laid; by default it covers the image, centred."""

    canvas: Canvas = Canvas.IMAGE
    width_px: int | None = None
    """With the background's canvas, its width; None is the picture's own."""
    height_px: int | None = None
    fit: Fit = Fit.CONTAIN
    """With the background's canvas, how the image is scaled to it."""
    blur: float = 0.0
    """Standard deviation of a Gaussian as a share of the answer's shorter side, 0 to 1."""


COVERING = BackgroundPicture()
