"""How an answer is to be rendered."""

from dataclasses import dataclass
from enum import Enum, auto

from segmenter.scene_options import (
    COVERING,
    NO_MARGINS,
    BackgroundPicture,
    Colour,
    Margins,
    Placement,
    Region,
    Shadow,
    Stroke,
)


class OutputFormat(Enum):
    """File formats of answers."""

    PNG = auto()
    JPEG = auto()
    WEBP = auto()
    BMP = auto()
    TIFF = auto()
    GIF = auto()

    AUTO = auto()
    """A JPEG where the answer is opaque, else a PNG."""

    ZIP = auto()
    """Colours and alpha, a file each."""


WITHOUT_ALPHA = frozenset({OutputFormat.JPEG, OutputFormat.BMP, OutputFormat.GIF})
"""What is transparent lies on a colour in them."""

_OF_MATTES = frozenset({OutputFormat.JPEG, OutputFormat.WEBP})
"""Besides PNG."""


class OutputChannels(Enum):
    """Contents of an answer's pixels."""

    RGBA = auto()
    """Colour with straight alpha."""

    ALPHA = auto()
    """The matte alone, 8 bit."""


class InputAlpha(Enum):
    """What the alpha of an image means that is not opaque everywhere."""

    KEEP = auto()
    """It bounds the matte."""

    RETURN = auto()
    """The image is the answer."""

    DISCARD = auto()
    """Nothing: the colours under it are the image."""


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

    region: Region | None = None
    """The part of the image that may hold subject; None is all of it."""

    crop_margin: Margins = NO_MARGINS
    """The border that a crop leaves."""

    placement: Placement | None = None
    """Not with a crop, and None leaves the subject where and as it is."""

    background_picture: BackgroundPicture = COVERING
    """How a picture is laid behind the subject, where the request brings one."""

    shadow: Shadow | None = None
    """Not on the matte alone."""

    stroke: Stroke | None = None
    """Not on the matte alone."""

    input_alpha: InputAlpha = InputAlpha.KEEP

    max_input_pixels: int | None = None
    """The most pixels of the image; None, and what is more, is the server's limit."""

    max_png_pixels: int | None = None
    """The most pixels before an answer is cropped that becomes a PNG by itself; None is
    `max_pixels`."""

    describe_subject: bool = False
    """Whether the answer tells of the subject's box and of the uncertainty."""

    @property
    def answer_format(self) -> OutputFormat:
        """The file format of the answer: not all that hold pictures hold the matte alone."""
        if self.channels is OutputChannels.ALPHA and self.format not in _OF_MATTES:
            return OutputFormat.PNG
        return self.format
