"""How a caller wants the cut-out: the options that the dialects share, as values."""

import dataclasses
from dataclasses import dataclass
from enum import Enum

from gateway.options.colour import Colour
from gateway.options.effects import Shadow, Stroke
from gateway.options.fields import Fields
from gateway.options.geometry import (
    COVERING,
    NO_MARGINS,
    BackgroundPicture,
    Margins,
    Placement,
    Region,
)
from gateway.options.reader import OptionReader


class OutputFormat(Enum):
    """File formats of answers, by the names that messages give them."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    BMP = "bmp"
    TIFF = "tiff"
    GIF = "gif"

    AUTO = "auto"
    """JPEG where the answer is opaque, else PNG. No answer has this format."""

    ZIP = "zip"
    """The colours as `color.jpg` and the alpha as `alpha.png`."""


class OutputChannels(Enum):
    """What the pixels of an answer hold."""

    RGBA = "rgba"
    ALPHA = "alpha"


class InputAlpha(Enum):
    """What the alpha of an image means that is not opaque everywhere."""

    KEEP = "keep"
    """It bounds the matte."""

    RETURN = "return"
    """The image is the answer, in the format that is asked for."""

    DISCARD = "discard"
    """Nothing: the colours under it are the image."""


class Size(Enum):
    """Bounds of an answer's pixels, by name."""

    PREVIEW = "preview"
    MEDIUM = "medium"
    HD = "hd"
    FULL = "full"
    AUTO = "auto"


FORMATS = {
    "png": OutputFormat.PNG,
    "jpg": OutputFormat.JPEG,
    "jpeg": OutputFormat.JPEG,
    "jpe": OutputFormat.JPEG,
    "jfif": OutputFormat.JPEG,
    "webp": OutputFormat.WEBP,
    "bmp": OutputFormat.BMP,
    "tiff": OutputFormat.TIFF,
    "tif": OutputFormat.TIFF,
    "gif": OutputFormat.GIF,
}
CHANNELS = {"rgba": OutputChannels.RGBA, "alpha": OutputChannels.ALPHA}
SIZES = {size.value: size for size in Size}
MAX_PIXELS = {
    Size.PREVIEW: 250_000,
    Size.MEDIUM: 1_500_000,
    Size.HD: 4_000_000,
    Size.FULL: 50_000_000,
    Size.AUTO: 50_000_000,
}
CONTENT_TYPES = {
    OutputFormat.PNG: "image/png",
    OutputFormat.JPEG: "image/jpeg",
    OutputFormat.WEBP: "image/webp",
    OutputFormat.BMP: "image/bmp",
    OutputFormat.TIFF: "image/tiff",
    OutputFormat.GIF: "image/gif",
    OutputFormat.ZIP: "application/zip",
}

NAMES = frozenset({"format", "channels", "size", "crop", "bg_color", "despill"})


@dataclass(frozen=True, slots=True)
class CutOutOptions:
    """The options of one request."""

    output_format: OutputFormat = OutputFormat.PNG
    """The matte alone is a PNG, JPEG or WebP, or else a PNG."""

    channels: OutputChannels = OutputChannels.RGBA

    max_pixels: int = MAX_PIXELS[Size.FULL]
    """Larger pictures are scaled down to so many pixels, before they are cropped."""

    crop: bool = False
    """Whether the answer ends where the subject ends."""

    background: Colour | None = None

    despill: bool = False
    """Whether green that a green screen has cast on the subject is taken back."""

    region: Region | None = None
    """The part of the image that may hold subject."""

    crop_margin: Margins = NO_MARGINS
    placement: Placement | None = None
    """Has no effect with a crop."""

    background_picture: BackgroundPicture = COVERING
    """How the picture behind the subject is laid, where the request brings one."""

    shadow: Shadow | None = None
    stroke: Stroke | None = None
    input_alpha: InputAlpha = InputAlpha.KEEP
    max_input_pixels: int | None = None
    """The most pixels of the image, where that is less than the segmenter's own limit."""

    max_png_pixels: int | None = None
    """Instead of `max_pixels`, for an answer that becomes a PNG by itself."""

    describe_subject: bool = False
    """Whether the cut-out tells of the subject's box and of the uncertainty."""


def channels_in(output_format: OutputFormat, channels: OutputChannels) -> OutputChannels:
    """What an answer of that format holds, where a caller asks for ``channels``.

    A ZIP always holds colours and alpha.
    """
    return OutputChannels.RGBA if output_format is OutputFormat.ZIP else channels


def read_cut_out_options(
    fields: Fields, default_channels: OutputChannels = OutputChannels.RGBA
) -> CutOutOptions:
    """Reads the options that ``NAMES`` lists. The matte alone is a PNG, whatever the format.

    Raises:
        InvalidFieldsError: with all bad options, in this order.
    """
    reader = OptionReader(fields)
    options = CutOutOptions(
        output_format=reader.choice("format", FORMATS, OutputFormat.PNG),
        channels=reader.choice("channels", CHANNELS, default_channels),
        max_pixels=MAX_PIXELS[reader.choice("size", SIZES, Size.FULL)],
        crop=reader.boolean("crop"),
        background=reader.background("bg_color"),
        despill=reader.boolean("despill"),
    )
    reader.finish()
    if options.channels is OutputChannels.ALPHA:
        return dataclasses.replace(options, output_format=OutputFormat.PNG)
    return options
