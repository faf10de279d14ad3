"""The options of a cut-out in the words of the segmenter's contract."""

from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, InputAlpha, OutputChannels, OutputFormat
from gateway.options.effects import Shadow, Stroke
from gateway.options.geometry import (
    COVERING,
    NO_MARGINS,
    BackgroundPicture,
    Canvas,
    Fit,
    Length,
    Margins,
    Placement,
    Region,
)
from mattebox.segmenter import v1

FORMATS: "dict[OutputFormat, v1.OutputFormat]" = {
    OutputFormat.PNG: v1.OutputFormat.OUTPUT_FORMAT_PNG,
    OutputFormat.JPEG: v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    OutputFormat.WEBP: v1.OutputFormat.OUTPUT_FORMAT_WEBP,
    OutputFormat.BMP: v1.OutputFormat.OUTPUT_FORMAT_BMP,
    OutputFormat.TIFF: v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    OutputFormat.GIF: v1.OutputFormat.OUTPUT_FORMAT_GIF,
    OutputFormat.AUTO: v1.OutputFormat.OUTPUT_FORMAT_AUTO,
    OutputFormat.ZIP: v1.OutputFormat.OUTPUT_FORMAT_ZIP,
}
_CHANNELS: "dict[OutputChannels, v1.OutputChannels]" = {
    OutputChannels.RGBA: v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
    OutputChannels.ALPHA: v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
}
_INPUT_ALPHAS: "dict[InputAlpha, v1.InputAlpha]" = {
    InputAlpha.KEEP: v1.InputAlpha.INPUT_ALPHA_KEEP,
    InputAlpha.RETURN: v1.InputAlpha.INPUT_ALPHA_RETURN,
    InputAlpha.DISCARD: v1.InputAlpha.INPUT_ALPHA_DISCARD,
}
_CANVASES: "dict[Canvas, v1.Canvas]" = {
    Canvas.IMAGE: v1.Canvas.CANVAS_IMAGE,
    Canvas.BACKGROUND: v1.Canvas.CANVAS_BACKGROUND,
}
_FITS: "dict[Fit, v1.Fit]" = {
    Fit.CONTAIN: v1.Fit.FIT_CONTAIN,
    Fit.COVER: v1.Fit.FIT_COVER,
}


def options_to_proto(options: CutOutOptions) -> v1.CutOutOptions:
    """Says ``options``; those that are not asked for stay unset."""
    return v1.CutOutOptions(
        format=FORMATS[options.output_format],
        channels=_CHANNELS[options.channels],
        max_pixels=options.max_pixels,
        crop=options.crop,
        background=None if options.background is None else _color(options.background),
        despill=options.despill,
        region=None if options.region is None else _region(options.region),
        crop_margin=None if options.crop_margin == NO_MARGINS else _margins(options.crop_margin),
        placement=None if options.placement is None else _placement(options.placement),
        background_picture=(
            None
            if options.background_picture == COVERING
            else _background_picture(options.background_picture)
        ),
        shadow=None if options.shadow is None else _shadow(options.shadow),
        stroke=None if options.stroke is None else _stroke(options.stroke),
        input_alpha=_INPUT_ALPHAS[options.input_alpha],
        max_input_pixels=options.max_input_pixels or 0,
        max_png_pixels=options.max_png_pixels or 0,
        describe_subject=options.describe_subject,
    )


def _region(region: Region) -> v1.Region:
    return v1.Region(
        left=_length(region.left),
        top=_length(region.top),
        right=_length(region.right),
        bottom=_length(region.bottom),
    )


def _margins(margins: Margins) -> v1.Margins:
    return v1.Margins(
        top=_length(margins.top),
        right=_length(margins.right),
        bottom=_length(margins.bottom),
        left=_length(margins.left),
    )


def _placement(placement: Placement) -> v1.Placement:
    return v1.Placement(scale=placement.scale, x=placement.x, y=placement.y)


def _background_picture(picture: BackgroundPicture) -> v1.BackgroundPicture:
    return v1.BackgroundPicture(
        canvas=_CANVASES[picture.canvas],
        width_px=picture.width_px or 0,
        height_px=picture.height_px or 0,
        fit=_FITS[picture.fit],
        blur=picture.blur,
    )


def _shadow(shadow: Shadow) -> v1.Shadow:
    return v1.Shadow(
        color=_color(shadow.colour),
        offset_x=_length(shadow.offset_x),
        offset_y=_length(shadow.offset_y),
        blur=_length(shadow.blur),
    )


def _stroke(stroke: Stroke) -> v1.Stroke:
    return v1.Stroke(width_px=stroke.width_px, color=_color(stroke.colour))


def _length(length: Length) -> v1.Length:
    if length.share:
        return v1.Length(share=length.share)
    return v1.Length(px=length.px)


def _color(colour: Colour) -> v1.Color:
    return v1.Color(red=colour.red, green=colour.green, blue=colour.blue, alpha=colour.alpha)
