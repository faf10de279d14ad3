"""Words finished pictures for callers of ``/v2``: as the bytes of a file, or as JSON."""

import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from urllib.parse import quote

from gateway.cut_out import CutOut
from gateway.delivery import PiecesResponse, base64_bytes, base64_pieces
from gateway.options.cut_out import CONTENT_TYPES, OutputChannels

_NAME_CHARACTERS = 64
_JSON = "application/json"
_CUT_ESCAPE = re.compile(r"%[0-9A-F]?\Z")


def prefers_bytes(accept: str) -> bool:
    """Tells whether an Accept header asks for an image rather than for JSON.

    A range that covers everything (``*/*``) asks for neither.
    """
    image, plain_json = 0.0, 0.0
    for media_range in accept.lower().split(","):
        name, *parameters = (part.strip() for part in media_range.split(";"))
        if name.startswith("image/"):
            image = max(image, _quality(parameters))
        elif name in {_JSON, "application/*"}:
            plain_json = max(plain_json, _quality(parameters))
    return image > plain_json


def facts(made: CutOut, ignored_names: Iterable[str]) -> dict[str, str]:
    """The headers that tell of a finished picture."""
    headers = {
        "X-Width": str(made.width_px),
        "X-Height": str(made.height_px),
        "X-Foreground-Found": "true" if made.foreground_found else "false",
        "Server-Timing": _server_timing(made.stages_s),
    }
    if ignored := [_header_safe(name) for name in ignored_names]:
        headers["X-Ignored-Fields"] = ", ".join(ignored)
    return headers


def as_bytes(made: CutOut, headers: Mapping[str, str]) -> PiecesResponse:
    """The picture as it is."""
    content_type = CONTENT_TYPES[made.output_format]
    return PiecesResponse(
        made.chunks, size_bytes=made.image_bytes, content_type=content_type, headers=headers
    )


def as_json(made: CutOut, channels: OutputChannels, headers: Mapping[str, str]) -> PiecesResponse:
    """The picture as base64 in a JSON object, under ``mask`` if it is the matte alone."""
    about: dict[str, str | int] = {"width": made.width_px, "height": made.height_px}
    name = "mask"
    if channels is not OutputChannels.ALPHA:
        name = "image"
        about = {"format": made.output_format.value, **about}
    before = f'{{"{name}": "'.encode()
    after = f'", {json.dumps(about)[1:]}'.encode()
    size_bytes = len(before) + base64_bytes(made.image_bytes) + len(after)
    pieces = _framed(before, base64_pieces(made.chunks), after)
    return PiecesResponse(pieces, size_bytes=size_bytes, content_type=_JSON, headers=headers)


async def _framed(
    before: bytes, pieces: AsyncGenerator[bytes, None], after: bytes
) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        yield before
        async for piece in pieces:
            yield piece
        yield after


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _server_timing(stages_s: Mapping[str, float]) -> str:
    return ", ".join(f"{stage};dur={seconds * 1000:.1f}" for stage, seconds in stages_s.items())


def _header_safe(name: str) -> str:
    return _CUT_ESCAPE.sub("", quote(name, safe="")[:_NAME_CHARACTERS])
