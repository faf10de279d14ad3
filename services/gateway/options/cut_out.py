"""How a caller wants the cut-out: the options that the dialects share, as values."""

from dataclasses import dataclass
from enum import Enum

from gateway.options.colour import Colour
from gateway.options.fields import Fields
from gateway.options.reader import OptionReader


class OutputFormat(Enum):
    """File formats of answers, by the names that messages give them."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    BMP = "bmp"
    TIFF = "tiff"
    GIF = "gif"


class OutputChannels(Enum):
    """What the pixels of an answer hold."""

    RGBA = "rgba"
    ALPHA = "alpha"


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
}

NAMES = frozenset({"format", "channels", "size", "crop", "bg_color", "despill"})


@dataclass(frozen=True, slots=True)
class CutOutOptions:
    """The options of one request."""

    output_format: OutputFormat = OutputFormat.PNG
    """Of a picture; the matte alone is always a PNG."""

    channels: OutputChannels = OutputChannels.RGBA

    max_pixels: int = MAX_PIXELS[Size.FULL]
    """Larger pictures are scaled down to so many pixels, before they are cropped."""

    crop: bool = False
    """Whether the answer ends where the subject ends."""

    background: Colour | None = None

    despill: bool = False
    """Whether green that a green screen has cast on the subject is taken back."""


def read_cut_out_options(
    fields: Fields, default_channels: OutputChannels = OutputChannels.RGBA
) -> CutOutOptions:
    """Reads the options that ``NAMES`` lists.

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
    return options
