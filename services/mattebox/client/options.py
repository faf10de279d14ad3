"""How a caller wants the cut-out: the options of ``POST /v2``, typed. Knows no wire."""

import dataclasses
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict, Unpack

Format: TypeAlias = Literal[
    "png", "jpg", "jpeg", "jpe", "jfif", "webp", "bmp", "tiff", "tif", "gif"
]
Channels: TypeAlias = Literal["rgba", "alpha"]
Size: TypeAlias = Literal["preview", "medium", "hd", "full", "auto"]


class OptionValues(TypedDict, total=False):
    """The options as keyword arguments; `Options` says what they mean."""

    format: Format
    channels: Channels
    size: Size
    crop: bool
    bg_color: str | None
    despill: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one cut-out. The service checks them, and says what is wrong with them."""

    format: Format = "png"
    """File format of the answer. PNG, WebP and TIFF keep the transparency; JPEG, BMP and GIF are
    laid on ``bg_color``, or on white. WebP takes at most 16,383 pixels a side."""

    channels: Channels = "rgba"
    """``"rgba"``: the image with transparency. ``"alpha"``: the mask alone, an 8-bit PNG of one
    channel whatever ``format`` says; 255 is subject, 0 is background."""

    size: Size = "full"
    """The most megapixels of the answer: preview 0.25, medium 1.5, hd 4, full and auto 50. Larger
    images are scaled down, smaller ones stay as they are."""

    crop: bool = False
    """Whether the answer is cut down to the subject."""

    bg_color: str | None = None
    """A colour to put behind the subject: ``#rgb``, ``#rgba``, ``#rrggbb``, ``#rrggbbaa``, a CSS
    colour name, ``rgb()`` or ``hsl()``. None, and a colour of no opacity, leave it transparent."""

    despill: bool = False
    """Whether green that a green screen has cast on the subject is taken back."""

    def changed(self, **values: Unpack[OptionValues]) -> "Options":
        """These options, with other values for those that are named."""
        return dataclasses.replace(self, **values)


def chosen(options: Options | None, values: OptionValues) -> Options:
    """The options of a call: those that it was given, changed by those that it names."""
    return (options or Options()).changed(**values)
