"""What requests may hold, and how it is read: remove.bg's names and values for our options."""

from dataclasses import dataclass, replace

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.contracts.removebg import shadows, sizes
from gateway.contracts.removebg.errors import MultipleShadowsError
from gateway.contracts.removebg.shadows import ShadowReader
from gateway.contracts.removebg.subject_types import AUTO, subject_type, told_type
from gateway.options.cut_out import (
    CHANNELS,
    CutOutOptions,
    OutputChannels,
    OutputFormat,
    channels_in,
)
from gateway.options.fields import Fields
from gateway.options.geometry import CENTRE, Placement
from gateway.options.lengths import margins_css, parse_position, parse_region, parse_share
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot

VOCABULARY = Vocabulary(
    files={"image_file": Slot.IMAGE, "bg_image_file": Slot.BACKGROUND},
    texts={"image_file_b64": Slot.IMAGE, "image_base64": Slot.IMAGE},
    urls={"image_url": Slot.IMAGE, "bg_image_url": Slot.BACKGROUND},
    kinds=frozenset({BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}),
)

_FORMATS = {
    "auto": OutputFormat.AUTO,
    "png": OutputFormat.PNG,
    "jpg": OutputFormat.JPEG,
    "jpeg": OutputFormat.JPEG,
    "webp": OutputFormat.WEBP,
    "zip": OutputFormat.ZIP,
}

NAMES = shadows.NAMES | {
    "size",
    "type",
    "type_level",
    "format",
    "roi",
    "crop",
    "crop_margin",
    "scale",
    "position",
    "channels",
    "semitransparency",
    "bg_color",
}
"""The options that are known."""

_DEFAULT_LEVEL = "1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks for."""

    options: CutOutOptions
    told_type: str | None
    """What the answer calls the subject, if it calls it anything."""
    ignored: tuple[str, ...]
    """Known fields that have no effect."""
    approximated: tuple[str, ...]
    """Known fields that are followed only roughly."""


def read_asked(fields: Fields, max_input_pixels: int) -> Asked:
    """Reads the options that ``NAMES`` lists, for images of at most so many pixels.

    Raises:
        InvalidFieldsError: with all bad options, in the order of the specification.
        MultipleShadowsError: the wishes for a shadow contradict each other.
    """
    reader = OptionReader(fields, Repeated.LAST_COUNTS)
    max_pixels = reader.choice("size", sizes.SIZES, sizes.DEFAULT)
    spelt_type = reader.text("type") or AUTO
    subject = subject_type(spelt_type)
    level = reader.text("type_level") or _DEFAULT_LEVEL
    options = CutOutOptions(
        output_format=reader.choice("format", _FORMATS, OutputFormat.AUTO),
        region=reader.parsed("roi", parse_region, "roi must be four lengths: x1 y1 x2 y2", None),
        crop=reader.boolean("crop"),
        crop_margin=reader.margins("crop_margin", margins_css),
        placement=_placement(reader),
        channels=reader.choice("channels", CHANNELS, OutputChannels.RGBA),
        max_input_pixels=max_input_pixels,
        describe_subject=True,
    )
    shadow = ShadowReader(fields, reader, subject).read()
    is_soft = reader.boolean("semitransparency", default=True)
    background = reader.background("bg_color")
    reader.finish()
    if shadow.is_asked_twice:
        raise MultipleShadowsError
    options = replace(options, shadow=shadow.shadow, background=background)
    unheeded = {"type": spelt_type.lower() != AUTO, "semitransparency": not is_soft}
    return Asked(
        _bounded(options, max_pixels),
        told_type(subject, level),
        (*(name for name, is_sent in unheeded.items() if is_sent), *shadow.ignored),
        shadow.approximated,
    )


def _bounded(options: CutOutOptions, max_pixels: int) -> CutOutOptions:
    """Settles what the answer holds, in which format, and its pixels, fewer of them in a PNG."""
    output_format = options.output_format
    channels = channels_in(output_format, options.channels)
    if output_format is OutputFormat.AUTO and channels is OutputChannels.ALPHA:
        output_format = OutputFormat.PNG
    return replace(
        options,
        output_format=output_format,
        channels=channels,
        max_pixels=sizes.in_format(max_pixels, output_format),
        max_png_pixels=sizes.in_format(max_pixels, OutputFormat.PNG),
    )


def _placement(reader: OptionReader) -> Placement | None:
    scale = reader.parsed("scale", _scale, "scale must be 10% to 100%, or original", None)
    default = None if scale is None else CENTRE
    position = reader.parsed(
        "position", _position, 'position must be original, center, "x%" or "x% y%"', default
    )
    if scale is None and position is None:
        return None
    x, y = position or (None, None)
    return Placement(scale, x, y)


def _scale(text: str) -> float | None:
    return None if text.lower() == "original" else parse_share(text)


def _position(text: str) -> tuple[float, float] | None:
    match text.lower():
        case "original":
            return None
        case "center":
            return CENTRE
        case shares:
            return parse_position(shares)
