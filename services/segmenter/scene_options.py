"""What an answer shows beside the subject, and where everything lies."""

from dataclasses import dataclass
from enum import Enum, auto


class Canvas(Enum):
    """What decides on the size of an answer with a picture behind its subject."""

    IMAGE = auto()
    BACKGROUND = auto()


class Fit(Enum):
    """How an image is scaled to a canvas of another shape."""

    CONTAIN = auto()
    COVER = auto()


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB with straight alpha; each value is 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int = 255

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour without its alpha."""
        return self.red, self.green, self.blue


@dataclass(frozen=True, slots=True)
class Length:
    """Pixels, or a share of another length; one of both is 0."""

    px: int = 0
    share: float = 0.0

    def of(self, whole_px: int) -> int:
        """Tells it in pixels, where `whole_px` is the other length."""
        return self.px + round(self.share * whole_px)


NOTHING = Length()


@dataclass(frozen=True, slots=True)
class Region:
    """A box in an upright image, by its edges. It is not known yet whether the image has it."""

    left: Length
    top: Length
    right: Length
    bottom: Length


@dataclass(frozen=True, slots=True)
class Margins:
    """Borders around what is visible; shares are of its width or height. None is negative."""

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


@dataclass(frozen=True, slots=True)
class BackgroundPicture:
    """How the picture behind the subject is laid."""

    canvas: Canvas = Canvas.IMAGE
    width_px: int | None = None
    """With the background's canvas, its width; None is the picture's own."""
    height_px: int | None = None
    fit: Fit = Fit.CONTAIN
    """With the background's canvas, how the image is scaled to it."""
    blur: float = 0.0
    """Standard deviation of a Gaussian as a share of the answer's shorter side, 0 to 1."""


COVERING = BackgroundPicture()


@dataclass(frozen=True, slots=True)
class Shadow:
    """The alpha of the subject and its stroke, moved, blurred, coloured; below both."""

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
