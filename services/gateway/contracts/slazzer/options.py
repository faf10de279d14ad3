"""What requests may hold, and how it is read: Slazzer's names and values for our options."""

from dataclasses import dataclass

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.options.cut_out import (
    CHANNELS,
    CutOutOptions,
    OutputChannels,
    OutputFormat,
    channels_in,
)
from gateway.options.fields import Fields
from gateway.options.geometry import CENTRE, Placement
from gateway.options.lengths import margins_xy, parse_position, parse_region, parse_share
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot

VOCABULARY = Vocabulary(
    files={"source_image_file": Slot.IMAGE, "bg_image_file": Slot.BACKGROUND},
    texts={"source_image_base64": Slot.IMAGE, "bg_image_base64": Slot.BACKGROUND},
    urls={"source_image_url": Slot.IMAGE, "bg_image_url": Slot.BACKGROUND},
    kinds=frozenset({BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}),
)

_FORMATS = {
    "png": OutputFormat.PNG,
    "jpg": OutputFormat.JPEG,
    "jpeg": OutputFormat.JPEG,
    "zip": OutputFormat.ZIP,
}
_MAX_PIXELS = {
    OutputFormat.PNG: 10_000_000,
    OutputFormat.JPEG: 25_000_000,
    OutputFormat.ZIP: 25_000_000,  # unverified
}
_PREVIEW_PIXELS = 250_000

NAMES = frozenset(
    {
        "bg_color_code",
        "format",
        "crop",
        "crop_margin",
        "scale",
        "position",
        "preview",
        "channel",
        "channels",
        "roi",
    }
)
"""The options that change something."""

_NEUTRAL = {"car_shadow": frozenset({"false", "0", "no", "off"}), "output_image_format": {"binary"}}
"""Known fields that change nothing, and the values with which they ask for nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks for."""

    options: CutOutOptions
    ignored: tuple[str, ...]
    """The names of fields that have no effect."""


def read_asked(fields: Fields) -> Asked:
    """Reads the options.

    Raises:
        InvalidFieldsError: with all bad options.
    """
    reader = OptionReader(fields, Repeated.LAST_COUNTS)
    output_format = reader.choice("format", _FORMATS, OutputFormat.PNG)
    max_pixels = _MAX_PIXELS[output_format]
    scale = reader.parsed("scale", parse_share, "scale must be 10% to 100%", None)
    position = reader.parsed("position", parse_position, 'position must be "x%" or "x%,y%"', CENTRE)
    options = CutOutOptions(
        output_format=output_format,
        channels=channels_in(output_format, _channels(reader, fields)),
        max_pixels=_PREVIEW_PIXELS if reader.boolean("preview") else max_pixels,
        region=reader.parsed("roi", parse_region, "roi must be four lengths: x1,y1,x2,y2", None),
        crop=reader.boolean("crop"),
        crop_margin=reader.margins("crop_margin", margins_xy),
        placement=None if scale is None else Placement(scale, *position),
        background=reader.background("bg_color_code"),
    )
    reader.finish()
    ignored = list(_ignored(fields))
    if scale is None and position != CENTRE:
        ignored.append("position")
    return Asked(options, tuple(ignored))


def _channels(reader: OptionReader, fields: Fields) -> OutputChannels:
    # Plug-ins write it either way.
    name = "channel" if fields.last("channel") is not None else "channels"
    return reader.choice(name, CHANNELS, OutputChannels.RGBA)


def _ignored(fields: Fields) -> list[str]:
    return [
        name
        for name in fields.names_beyond(NAMES)
        if str(fields.last(name.lower())).lower() not in _NEUTRAL.get(name.lower(), ())
    ]
