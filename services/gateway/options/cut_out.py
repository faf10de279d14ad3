"""How a caller wants the cut-out: the options that the dialects share, as values."""

from dataclasses import dataclass
from enum import Enum

from gateway.options.fields import Fields
from gateway.options.reader import OptionReader


class OutputFormat(Enum):
    """File formats of answers, by the names that messages give them."""

    PNG = "png"


class OutputChannels(Enum):
    """What the pixels of an answer hold."""

    RGBA = "rgba"
    ALPHA = "alpha"


FORMATS = {"png": OutputFormat.PNG}
CHANNELS = {"rgba": OutputChannels.RGBA, "alpha": OutputChannels.ALPHA}
CONTENT_TYPES = {OutputFormat.PNG: "image/png"}

NAMES = frozenset({"format", "channels"})


@dataclass(frozen=True, slots=True)
class CutOutOptions:
    """The options of one request."""

    output_format: OutputFormat = OutputFormat.PNG
    channels: OutputChannels = OutputChannels.RGBA


def read_cut_out_options(fields: Fields) -> CutOutOptions:
    """Reads the options that ``NAMES`` lists.

    Raises:
        InvalidFieldsError: with all bad options.
    """
    reader = OptionReader(fields)
    options = CutOutOptions(
        output_format=reader.choice("format", FORMATS, OutputFormat.PNG),
        channels=reader.choice("channels", CHANNELS, OutputChannels.RGBA),
    )
    reader.finish()
    return options
