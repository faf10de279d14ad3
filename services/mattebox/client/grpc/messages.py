"""Options and cut-outs in the words of the segmenter's contract, just as the gateway puts them."""

from collections.abc import Mapping
from typing import TypeVar

from mattebox.client.api_errors import BadRequestError, InvalidBgColorError
from mattebox.client.cut_out import CutOut
from mattebox.client.grpc.colour import ColourError, parse_colour
from mattebox.client.options import Options
from mattebox.segmenter import v1

Choice = TypeVar("Choice")

_FORMATS: "Mapping[str, v1.OutputFormat]" = {
    "png": v1.OutputFormat.OUTPUT_FORMAT_PNG,
    "jpg": v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    "jpeg": v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    "jpe": v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    "jfif": v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    "webp": v1.OutputFormat.OUTPUT_FORMAT_WEBP,
    "bmp": v1.OutputFormat.OUTPUT_FORMAT_BMP,
    "tiff": v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    "tif": v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    "gif": v1.OutputFormat.OUTPUT_FORMAT_GIF,
}
_OTHER_SPELLINGS = {"jpeg", "jpe", "jfif", "tif"}
_CHANNELS: "Mapping[str, v1.OutputChannels]" = {
    "rgba": v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
    "alpha": v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
}
_MAX_PIXELS: Mapping[str, int] = {
    "preview": 250_000,
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 50_000_000,
    "auto": 50_000_000,
}
_MEDIA_TYPES: "Mapping[v1.OutputFormat, str]" = {
    v1.OutputFormat.OUTPUT_FORMAT_PNG: "image/png",
    v1.OutputFormat.OUTPUT_FORMAT_JPEG: "image/jpeg",
    v1.OutputFormat.OUTPUT_FORMAT_WEBP: "image/webp",
    v1.OutputFormat.OUTPUT_FORMAT_BMP: "image/bmp",
    v1.OutputFormat.OUTPUT_FORMAT_TIFF: "image/tiff",
    v1.OutputFormat.OUTPUT_FORMAT_GIF: "image/gif",
}


def options_to_proto(options: Options) -> v1.CutOutOptions:
    """Says ``options``. The matte alone is a PNG, and a colour of no opacity is none.

    Raises:
        InvalidBgColorError: ``bg_color`` is no colour, and all options before it are good.
        BadRequestError: another option is bad. Either lists all that are.
    """
    problems: dict[str, str] = {}
    message = v1.CutOutOptions(
        format=_choice("format", options.format, _FORMATS, problems),
        channels=_choice("channels", options.channels, _CHANNELS, problems),
        max_pixels=_choice("size", options.size, _MAX_PIXELS, problems),
        crop=options.crop,
        background=_background(options.bg_color, problems),
        despill=options.despill,
    )
    if problems:
        name, sentence = next(iter(problems.items()))
        error_type = InvalidBgColorError if name == "bg_color" else BadRequestError
        raise error_type(sentence, details={"fields": problems})
    if message.channels == v1.OutputChannels.OUTPUT_CHANNELS_ALPHA:
        message.format = v1.OutputFormat.OUTPUT_FORMAT_PNG
    return message


def cut_out_from_proto(message: v1.CutOut, request_id: str) -> CutOut:
    """Reads a finished picture."""
    return CutOut(
        image=message.image,
        media_type=_MEDIA_TYPES.get(message.format, "application/octet-stream"),
        width_px=message.width_px,
        height_px=message.height_px,
        foreground_found=message.foreground_found,
        request_id=request_id,
        timings_ms={
            stage.name: duration.ToTimedelta().total_seconds() * 1000
            for stage, duration in message.timings.ListFields()
        },
    )


def _choice(
    name: str, value: str, choices: Mapping[str, Choice], problems: dict[str, str]
) -> Choice | None:
    chosen = choices.get(value)
    if chosen is None:
        problems[name] = f"{name} must be one of {sorted(choices.keys() - _OTHER_SPELLINGS)}"
    return chosen


def _background(bg_color: str | None, problems: dict[str, str]) -> v1.Color | None:
    if bg_color is None or not bg_color.strip():
        return None
    try:
        colour = parse_colour(bg_color)
    except ColourError:
        problems["bg_color"] = "bg_color must be a valid hex or named color."
        return None
    if colour.alpha == 0:
        return None
    return v1.Color(red=colour.red, green=colour.green, blue=colour.blue, alpha=colour.alpha)
