"""What requests may hold, and how it is read: Picsart's names and values for our options.

The units of backgrounds are in no public document: they are chosen here.
"""

from dataclasses import dataclass, replace

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.contracts.picsart.effects import read_shadow, read_stroke
from gateway.options.colour import Colour
from gateway.options.cut_out import MAX_PIXELS, CutOutOptions, OutputChannels, OutputFormat, Size
from gateway.options.fields import Fields
from gateway.options.geometry import CENTRE, BackgroundPicture, Canvas, Fit, Placement
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot

MOST_URL_CHARACTERS = 2083
VOCABULARY = Vocabulary(
    files={"image": Slot.IMAGE, "bg_image": Slot.BACKGROUND},
    texts={},
    urls={"image_url": Slot.IMAGE, "bg_image_url": Slot.BACKGROUND},
    kinds=frozenset({BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}),
    url_characters=MOST_URL_CHARACTERS,
    data_urls=True,
)

NAMES = frozenset(
    {
        "image_id",
        "bg_image_id",
        "output_type",
        "format",
        "bg_color",
        "bg_width",
        "bg_height",
        "scale",
        "auto_center",
        "bg_blur",
        "stroke_size",
        "stroke_color",
        "stroke_opacity",
        "shadow",
        "shadow_opacity",
        "shadow_blur",
        "shadow_offset_x",
        "shadow_offset_y",
        "model",
    }
)
"""The options that are known."""

_OUTPUT_TYPES = {"cutout": OutputChannels.RGBA, "mask": OutputChannels.ALPHA}
_FORMATS = {
    "png": OutputFormat.PNG,
    "jpg": OutputFormat.JPEG,
    "jpeg": OutputFormat.JPEG,
    "webp": OutputFormat.WEBP,
}
_SCALES = {"fit": Fit.CONTAIN, "fill": Fit.COVER}

_MOST_PIXELS = MAX_PIXELS[Size.FULL]
_MODEL = "urn:air:picsart:model:picsart:sod@10"
_CENTRED = Placement(None, *CENTRE)
_FULL_BLUR = 0.05
"""What the largest blur is of a background's shorter side."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks for."""

    options: CutOutOptions
    ignored: tuple[str, ...]
    """Known fields that have no effect."""


def read_asked(fields: Fields, *, has_background: bool) -> Asked:
    """Reads the options that ``NAMES`` lists; ``has_background`` tells of a picture behind.

    All are checked, those too that have no effect: sizes, fit and blur of a background where there
    is none, whatever is put around or behind a subject that is a mask, and the kind of output where
    there is a background.

    Raises:
        InvalidFieldsError: with all bad options, in the order of ``NAMES`` above.
    """
    reader = OptionReader(fields, Repeated.LAST_COUNTS)
    for name in ("image_id", "bg_image_id"):
        if fields.values(name):
            reader.problem(name, f"{name} is not supported: no upload is kept. Send the picture.")
    channels = reader.choice("output_type", _OUTPUT_TYPES, OutputChannels.RGBA)
    options = CutOutOptions(
        output_format=reader.choice("format", _FORMATS, OutputFormat.PNG),
        channels=OutputChannels.RGBA if has_background else channels,
        background=_background_colour(reader, has_background=has_background),
        background_picture=_background_picture(reader),
        placement=_CENTRED if reader.boolean("auto_center") else None,
        stroke=read_stroke(reader),
        shadow=read_shadow(reader),
    )
    model = reader.text("model")
    reader.finish()

    idle = {
        "output_type": has_background and channels is OutputChannels.ALPHA,
        "model": model not in {None, _MODEL},
    }
    if not has_background:
        idle |= _of_no_background(options.background_picture)
        options = replace(options, background_picture=BackgroundPicture())
    if options.channels is OutputChannels.ALPHA:
        idle |= _of_no_subject(options)
        options = replace(options, background=None, placement=None, stroke=None, shadow=None)
    return Asked(options, tuple(name for name, is_idle in idle.items() if is_idle))


def _background_colour(reader: OptionReader, *, has_background: bool) -> Colour | None:
    colour = reader.background("bg_color")
    if colour is not None and has_background:
        reader.problem("bg_color", "bg_color must not come with a background picture")
    return colour


def _background_picture(reader: OptionReader) -> BackgroundPicture:
    """Reads how a picture is laid behind, for which the answer is as large as the background."""
    width_px = reader.whole("bg_width", 1, _MOST_PIXELS, None)
    height_px = reader.whole("bg_height", 1, _MOST_PIXELS, None)
    # Where only one is given, the segmenter alone knows the other.
    if width_px is not None and height_px is not None and width_px * height_px > _MOST_PIXELS:
        sentence = f"bg_width and bg_height must make up at most {_MOST_PIXELS} pixels"
        reader.problem("bg_width", sentence)
    return BackgroundPicture(
        canvas=Canvas.BACKGROUND,
        width_px=width_px,
        height_px=height_px,
        fit=reader.choice("scale", _SCALES, Fit.CONTAIN),
        blur=reader.whole("bg_blur", 0, 100, 0) / 100 * _FULL_BLUR,
    )


def _of_no_background(picture: BackgroundPicture) -> dict[str, bool]:
    """Which options speak of a background picture."""
    return {
        "bg_width": picture.width_px is not None,
        "bg_height": picture.height_px is not None,
        "scale": picture.fit is not Fit.CONTAIN,
        "bg_blur": picture.blur > 0,
    }


def _of_no_subject(options: CutOutOptions) -> dict[str, bool]:
    """Which options speak of what is around and behind the subject."""
    return {
        "bg_color": options.background is not None,
        "auto_center": options.placement is not None,
        "stroke_size": options.stroke is not None,
        "shadow": options.shadow is not None,
    }
