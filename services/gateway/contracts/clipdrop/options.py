"""What requests in Clipdrop's dialect bring: one field, and the format in their Accept header."""

from enum import Enum

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.contracts.media_ranges import media_ranges
from gateway.errors import BadRequestError
from gateway.options.cut_out import CutOutOptions, InputAlpha, OutputFormat
from gateway.options.fields import Fields
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot

VOCABULARY = Vocabulary(
    files={"image_file": Slot.IMAGE},
    texts={},
    urls={},
    kinds=frozenset({BodyKind.MULTIPART}),
)

_HANDLING = "transparency_handling"

NAMES = frozenset({_HANDLING})
"""The options that are known."""

_TYPES = {
    OutputFormat.PNG: {"image/png"},
    OutputFormat.WEBP: {"image/webp"},
    OutputFormat.JPEG: {"image/jpeg", "image/jpg"},
}
"""What is to be had, the first first where a caller likes several as much."""


class NotAcceptableError(BadRequestError):
    """The caller accepts none of the formats. Its status is another one in this dialect."""

    default_message = "Accept header not acceptable"


class TransparencyHandling(Enum):
    """What becomes of an image that is transparent already, by the names that callers have."""

    RETURN = "return_input_if_non_opaque"
    DISCARD = "discard_alpha_layer"


_HANDLINGS = {handling.value: handling for handling in TransparencyHandling}
_INPUT_ALPHA = {
    TransparencyHandling.RETURN: InputAlpha.RETURN,
    TransparencyHandling.DISCARD: InputAlpha.DISCARD,
}


def read_options(fields: Fields, accept: str, max_input_pixels: int) -> CutOutOptions:
    """Reads the options; answers have the size of their images, which have so many pixels at most.

    Raises:
        InvalidFieldsError: the image's alpha is to be handled in an unknown way.
        NotAcceptableError: no format is acceptable.
    """
    reader = OptionReader(fields, repeated=Repeated.LAST_COUNTS)
    handling = reader.choice(_HANDLING, _HANDLINGS, TransparencyHandling.RETURN)
    reader.finish()
    return CutOutOptions(
        output_format=negotiated_format(accept),
        max_pixels=max_input_pixels,
        max_input_pixels=max_input_pixels,
        input_alpha=_INPUT_ALPHA[handling],
    )


def negotiated_format(accept: str) -> OutputFormat:
    """Chooses the format that an Accept header likes best.

    Raises:
        NotAcceptableError: it accepts none.
    """
    weights: dict[str, float] = {}
    for name, weight in media_ranges(accept) or [("*/*", 1.0)]:
        weights[name] = max(weight, weights.get(name, 0.0))
    best = max(_TYPES, key=lambda output_format: _weight(weights, output_format))
    if _weight(weights, best) == 0:
        raise NotAcceptableError
    return best


def _weight(weights: dict[str, float], output_format: OutputFormat) -> float:
    """What a format weighs: by its own names, or else by the narrowest range that covers it."""
    for names in (_TYPES[output_format], {"image/*"}, {"*/*"}):
        if named := names & weights.keys():
            return max(weights[name] for name in named)
    return 0.0
