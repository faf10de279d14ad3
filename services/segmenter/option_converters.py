"""From the contract's options to the segmenter's own, each value judged by itself.

What depends on the image, as whether it has a region, is judged where its size is known.
"""

import math

from mattebox.segmenter import v1
from segmenter.contract_enums import CANVASES, CHANNELS, FITS, FORMATS, INPUT_ALPHAS, known
from segmenter.errors import InvalidOptionError
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import (
    COVERING,
    NO_MARGINS,
    BackgroundPicture,
    Colour,
    Length,
    Margins,
    Placement,
    Region,
    Shadow,
    Stroke,
)

WIDEST_STROKE_PX = 100


def options_from_proto(options: v1.CutOutOptions, *, brings_picture: bool = False) -> CutOutOptions:
    """Reads one request's wishes; unset ones take their defaults.

    Args:
        options: the wishes.
        brings_picture: whether the request brings a picture to put behind the subject.

    Raises:
        InvalidOptionError: a value is of a newer contract than this server's, or out of its range,
            or the request brings two backgrounds.
    """
    background = _colour(options.background, "background")
    if background and brings_picture:
        raise InvalidOptionError(
            "A request may bring a background colour or a background picture, not both.",
            field="background",
        )
    file_format = known(FORMATS, options.format, "format")
    channels = known(CHANNELS, options.channels, "channels")
    return CutOutOptions(
        format=file_format,
        # A ZIP holds colours and matte, whatever is wished.
        channels=OutputChannels.RGBA if file_format is OutputFormat.ZIP else channels,
        model=options.model or None,
        max_pixels=options.max_pixels or None,
        crop=options.crop,
        background=background,
        despill=options.despill,
        region=_region(options.region) if options.HasField("region") else None,
        crop_margin=_margins(options.crop_margin)
        if options.HasField("crop_margin")
        else NO_MARGINS,
        placement=_placement(options.placement),
        background_picture=_background_picture(options.background_picture)
        if options.HasField("background_picture")
        else COVERING,
        shadow=_shadow(options.shadow),
        stroke=_stroke(options.stroke),
        input_alpha=known(INPUT_ALPHAS, options.input_alpha, "input_alpha"),
        max_input_pixels=options.max_input_pixels or None,
        max_png_pixels=options.max_png_pixels or None,
        describe_subject=options.describe_subject,
    )


def _colour(colour: v1.Color, field: str) -> Colour | None:
    """Reads a colour; one that is wholly transparent, as an unset one is, is none."""
    values = (colour.red, colour.green, colour.blue, colour.alpha)
    if max(values) > 255:
        raise InvalidOptionError(
            f"The value {max(values)} of a colour in `{field}` is over 255.", field=field
        )
    return Colour(*values) if colour.alpha else None


def _length(length: v1.Length, field: str, *, negative: bool = True) -> Length:
    """Reads a length, which may be `negative` or not."""
    if not math.isfinite(length.share):
        raise InvalidOptionError(f"A share in `{field}` is not a finite number.", field=field)
    if not negative and (length.px < 0 or length.share < 0):
        raise InvalidOptionError(f"A length in `{field}` is negative.", field=field)
    return Length(length.px, length.share)


def _region(region: v1.Region) -> Region:
    edges = (region.left, region.top, region.right, region.bottom)
    return Region(*(_length(edge, "region") for edge in edges))


def _margins(margins: v1.Margins) -> Margins:
    sides = (margins.top, margins.right, margins.bottom, margins.left)
    return Margins(*(_length(side, "crop_margin", negative=False) for side in sides))


def _placement(placement: v1.Placement) -> Placement | None:
    """Reads a placement; one that wishes nothing is none."""
    scale = placement.scale if placement.HasField("scale") else None
    x = placement.x if placement.HasField("x") else None
    y = placement.y if placement.HasField("y") else None
    if scale is not None and not 0 < scale <= 1:
        raise InvalidOptionError(
            f"The value {scale:g} of `scale` is not above 0 and at most 1.", field="placement"
        )
    for share in (x, y):
        if share is not None and not 0 <= share <= 1:
            raise InvalidOptionError(
                f"The value {share:g} of a place is not 0 to 1.", field="placement"
            )
    return None if scale is x is y is None else Placement(scale, x, y)


def _background_picture(laid: v1.BackgroundPicture) -> BackgroundPicture:
    field = "background_picture"
    if not 0 <= laid.blur <= 1:
        raise InvalidOptionError(f"The value {laid.blur:g} of `blur` is not 0 to 1.", field=field)
    return BackgroundPicture(
        canvas=known(CANVASES, laid.canvas, field, "canvas"),
        width_px=laid.width_px or None,
        height_px=laid.height_px or None,
        fit=known(FITS, laid.fit, field, "fit"),
        blur=laid.blur,
    )


def _shadow(shadow: v1.Shadow) -> Shadow | None:
    """Reads a shadow; one without a colour is none."""
    colour = _colour(shadow.color, "shadow")
    offset_x, offset_y = (_length(each, "shadow") for each in (shadow.offset_x, shadow.offset_y))
    blur = _length(shadow.blur, "shadow", negative=False)
    return Shadow(colour, offset_x, offset_y, blur) if colour else None


def _stroke(stroke: v1.Stroke) -> Stroke | None:
    """Reads a stroke; one without a width or a colour is none."""
    if stroke.width_px > WIDEST_STROKE_PX:
        raise InvalidOptionError(
            f"The stroke's width of {stroke.width_px} pixels is over {WIDEST_STROKE_PX}.",
            field="stroke",
        )
    colour = _colour(stroke.color, "stroke")
    return Stroke(stroke.width_px, colour) if colour and stroke.width_px else None
