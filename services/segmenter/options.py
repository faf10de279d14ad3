"""How an answer is to be rendered."""

from dataclasses import dataclass
from enum import Enum, auto


class OutputFormat(Enum):
    """File formats of answers."""

    PNG = auto()
    JPEG = auto()
    WEBP = auto()
    BMP = auto()
    TIFF = auto()
    GIF = auto()


class OutputChannels(Enum):
    """Contents of an answer's pixels."""

    RGBA = auto()
    """Colour with straight alpha."""

    ALPHA = auto()
    """The matte alone, 8 bit."""


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
class CutOutOptions:
    """One request's wishes."""

    format: OutputFormat = OutputFormat.PNG
    channels: OutputChannels = OutputChannels.RGBA
    model: str | None = None
    """A model's name; None is the server's default."""

    max_pixels: int | None = None
    """The most pixels before the answer is cropped; None, and what is more, is the server's."""

    crop: bool = False
    """Whether the answer is cut to the box around the subject."""

    background: Colour | None = None
    """What is put behind the subject; never wholly transparent. The matte alone has none."""

    despill: bool = False
    """Whether a green screen's light on the subject is taken back. Not on the matte alone."""

    @property
    def answer_format(self) -> OutputFormat:
        """The file format of the answer: the matte alone is always a PNG."""
        return OutputFormat.PNG if self.channels is OutputChannels.ALPHA else self.format
