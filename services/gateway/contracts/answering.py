"""What answers of all dialects are made of: facts in headers, a file, base64 in JSON."""

import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import hdrs, web

from gateway.contracts.media_ranges import media_ranges
from gateway.cut_out import CutOut
from gateway.delivery import PiecesResponse, base64_bytes, base64_pieces
from gateway.errors import ApiError
from gateway.options.cut_out import CONTENT_TYPES

PICTURE = "\N{REPLACEMENT CHARACTER}"
"""Stands in a document for the base64 of a picture."""

_NAME_CHARACTERS = 64
_JSON = "application/json"
_ARCHIVE = "application/zip"
_EVERYTHING = "*/*"
_IMAGE = "image/"
_CUT_ESCAPE = re.compile(r"%[0-9A-F]?\Z")


def facts(
    made: CutOut, ignored_names: Iterable[str], approximated_names: Iterable[str] = ()
) -> dict[str, str]:
    """The headers that tell of a finished picture, and of the fields that were not heeded."""
    headers = {
        "X-Width": str(made.width_px),
        "X-Height": str(made.height_px),
        "X-Foreground-Found": "true" if made.foreground_found else "false",
        "Server-Timing": _server_timing(made.stages_s),
    }
    if ignored := [_header_safe(name) for name in ignored_names]:
        headers["X-Ignored-Fields"] = ", ".join(ignored)
    if approximated := [_header_safe(name) for name in approximated_names]:
        headers["X-Approximated-Fields"] = ", ".join(approximated)
    return headers


def as_bytes(made: CutOut, headers: Mapping[str, str]) -> PiecesResponse:
    """The file as it is."""
    content_type = CONTENT_TYPES[made.output_format]
    return PiecesResponse(
        made.chunks, size_bytes=made.image_bytes, content_type=content_type, headers=headers
    )


def as_json(
    made: CutOut, document: Mapping[str, Any], headers: Mapping[str, str]
) -> PiecesResponse:
    """A JSON document with the file as base64 where `PICTURE` stands in it, once or more often.

    Once, the file passes by; more often, its base64 is held.
    """
    texts = json.dumps(document, ensure_ascii=False).encode().split(PICTURE.encode())
    base64_times = len(texts) - 1
    size_bytes = sum(map(len, texts)) + base64_times * base64_bytes(made.image_bytes)
    pieces = _framed(texts, base64_pieces(made.chunks))
    return PiecesResponse(pieces, size_bytes=size_bytes, content_type=_JSON, headers=headers)


def wants_json(accepted: str) -> bool:
    """Tells whether an Accept header takes JSON and nothing that a file could be.

    It is the rule of the providers whose answers are bytes unless JSON is clearly wanted.
    """
    ranges = {name for name, weight in media_ranges(accepted) if weight > 0}
    files = any(each in {_EVERYTHING, _ARCHIVE} or each.startswith(_IMAGE) for each in ranges)
    return _JSON in ranges and not files


def accept(request: web.BaseRequest) -> str:
    """What a request accepts: its Accept headers as one, empty if it has none."""
    return ", ".join(request.headers.getall(hdrs.ACCEPT, ()))


def error_headers(error: ApiError, status: int) -> dict[str, str]:
    """The headers that an error comes with; its challenge belongs to 401 alone."""
    return {
        name: value
        for name, value in error.headers.items()
        if name != hdrs.WWW_AUTHENTICATE or status == HTTPStatus.UNAUTHORIZED
    }


async def _framed(
    texts: Iterable[bytes], pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    first, *others = texts
    held: list[bytes] = []
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            if len(others) > 1:
                held.append(piece)
            yield piece
    for number, text in enumerate(others):
        if number > 0:
            for piece in held:
                yield piece
        yield text


def _server_timing(stages_s: Mapping[str, float]) -> str:
    return ", ".join(f"{stage};dur={seconds * 1000:.1f}" for stage, seconds in stages_s.items())


def _header_safe(name: str) -> str:
    return _CUT_ESCAPE.sub("", quote(name, safe="")[:_NAME_CHARACTERS])
