"""What the values of the contract's enumerations mean here."""

from collections.abc import Mapping
from typing import TypeVar

from mattebox.segmenter import v1
from segmenter.errors import InvalidOptionError
from segmenter.options import InputAlpha, OutputChannels, OutputFormat
from segmenter.scene_options import Canvas, Fit

K = TypeVar("K")
V = TypeVar("V")

FORMATS_TO_PROTO = {
    OutputFormat.PNG: v1.OutputFormat.OUTPUT_FORMAT_PNG,
    OutputFormat.JPEG: v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    OutputFormat.WEBP: v1.OutputFormat.OUTPUT_FORMAT_WEBP,
    OutputFormat.BMP: v1.OutputFormat.OUTPUT_FORMAT_BMP,
    OutputFormat.TIFF: v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    OutputFormat.GIF: v1.OutputFormat.OUTPUT_FORMAT_GIF,
    OutputFormat.ZIP: v1.OutputFormat.OUTPUT_FORMAT_ZIP,
}
"""Those that an answer can have."""

FORMATS = {
    v1.OutputFormat.OUTPUT_FORMAT_UNSPECIFIED: OutputFormat.PNG,
    v1.OutputFormat.OUTPUT_FORMAT_AUTO: OutputFormat.AUTO,
    **{value: file_format for file_format, value in FORMATS_TO_PROTO.items()},
}

CHANNELS = {
    v1.OutputChannels.OUTPUT_CHANNELS_UNSPECIFIED: OutputChannels.RGBA,
    v1.OutputChannels.OUTPUT_CHANNELS_RGBA: OutputChannels.RGBA,
    v1.OutputChannels.OUTPUT_CHANNELS_ALPHA: OutputChannels.ALPHA,
}

CANVASES = {
    v1.Canvas.CANVAS_UNSPECIFIED: Canvas.IMAGE,
    v1.Canvas.CANVAS_IMAGE: Canvas.IMAGE,
    v1.Canvas.CANVAS_BACKGROUND: Canvas.BACKGROUND,
}

FITS = {
    v1.Fit.FIT_UNSPECIFIED: Fit.CONTAIN,
    v1.Fit.FIT_CONTAIN: Fit.CONTAIN,
    v1.Fit.FIT_COVER: Fit.COVER,
}

INPUT_ALPHAS = {
    v1.InputAlpha.INPUT_ALPHA_UNSPECIFIED: InputAlpha.KEEP,
    v1.InputAlpha.INPUT_ALPHA_KEEP: InputAlpha.KEEP,
    v1.InputAlpha.INPUT_ALPHA_RETURN: InputAlpha.RETURN,
    v1.InputAlpha.INPUT_ALPHA_DISCARD: InputAlpha.DISCARD,
}


def known(table: Mapping[K, V], value: K, field: str, name: str = "") -> V:
    """Finds what a value means.

    Args:
        table: one of those above.
        value: the value.
        field: the option that has it.
        name: the part of the option, if it is no option by itself.

    Raises:
        InvalidOptionError: it is of a newer contract than this server's.
    """
    if value not in table:
        raise InvalidOptionError(
            f"The value {value} of `{name or field}` is not known here.", field=field
        )
    return table[value]
