"""Words finished pictures for callers of ``/v2``: as the bytes of a file, or as JSON."""

from collections.abc import Mapping

from gateway.contracts import answering
from gateway.contracts.answering import PICTURE
from gateway.contracts.media_ranges import media_ranges
from gateway.cut_out import CutOut
from gateway.delivery import PiecesResponse
from gateway.options.cut_out import OutputChannels

_JSON = "application/json"


def prefers_bytes(accept: str) -> bool:
    """Tells whether an Accept header asks for an image rather than for JSON.

    A range that covers everything (``*/*``) asks for neither.
    """
    image, plain_json = 0.0, 0.0
    for name, weight in media_ranges(accept):
        if name.startswith("image/"):
            image = max(image, weight)
        elif name in {_JSON, "application/*"}:
            plain_json = max(plain_json, weight)
    return image > plain_json


def as_json(made: CutOut, channels: OutputChannels, headers: Mapping[str, str]) -> PiecesResponse:
    """The picture as base64 in a JSON object, under ``mask`` if it is the matte alone."""
    size = {"width": made.width_px, "height": made.height_px}
    if channels is OutputChannels.ALPHA:
        return answering.as_json(made, {"mask": PICTURE, **size}, headers)
    document = {"image": PICTURE, "format": made.output_format.value, **size}
    return answering.as_json(made, document, headers)
