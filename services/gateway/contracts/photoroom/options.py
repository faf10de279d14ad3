"""What requests in Photoroom's dialect bring: the options of /v2, with fewer formats."""

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.options.cut_out import (
    CHANNELS,
    FORMATS,
    MAX_PIXELS,
    SIZES,
    CutOutOptions,
    OutputChannels,
    OutputFormat,
    Size,
)
from gateway.options.fields import Fields
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot

VOCABULARY = Vocabulary(
    files={"image_file": Slot.IMAGE},
    texts={"image_file_b64": Slot.IMAGE},
    urls={},
    kinds=frozenset({BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}),
    file_wins=True,
)

_FORMATS = {name: FORMATS[name] for name in ("png", "jpg", "jpeg", "webp")}
_FULL_PIXELS = 36_000_000
_MAX_PIXELS = {**MAX_PIXELS, Size.FULL: _FULL_PIXELS, Size.AUTO: _FULL_PIXELS}


def read_options(fields: Fields) -> CutOutOptions:
    """Reads the options.

    Raises:
        InvalidFieldsError: with all bad options.
    """
    reader = OptionReader(fields, repeated=Repeated.LAST_COUNTS)
    options = CutOutOptions(
        output_format=reader.choice("format", _FORMATS, OutputFormat.PNG),
        channels=reader.choice("channels", CHANNELS, OutputChannels.RGBA),
        max_pixels=_MAX_PIXELS[reader.choice("size", SIZES, Size.FULL)],
        crop=reader.boolean("crop"),
        background=reader.background("bg_color"),
        despill=reader.boolean("despill"),
        describe_subject=True,
    )
    reader.finish()
    return options
