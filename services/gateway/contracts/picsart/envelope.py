"""Words failures for Picsart's callers, and tells with every answer where the key stands."""

import math
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from gateway.accounts.rate_limits import RateState
from gateway.contracts.picsart.options import MOST_URL_CHARACTERS
from gateway.errors import (
    ApiError,
    FetchFailedError,
    InvalidBase64Error,
    InvalidFieldsError,
    InvalidImageError,
    InvalidImageUrlError,
    MissingImageError,
    MultipleSourcesError,
    UnsupportedImageFormatError,
)
from gateway.pictures import Slot, slot_of

_UNPROCESSABLE = (
    MissingImageError,
    MultipleSourcesError,
    InvalidFieldsError,
    UnsupportedImageFormatError,
    InvalidImageError,
    InvalidBase64Error,
    InvalidImageUrlError,
    FetchFailedError,
)
"""Failures that are 422 here. All others have the status that they have everywhere."""

# Only 401's words are documented; those of the others are the phrases of their statuses.
_OWN_WORDS: Mapping[type[ApiError], str] = {
    MissingImageError: "Missing image. Send it as the field image, or where it is as image_url.",
    MultipleSourcesError: "More than one image was sent. Send either image or image_url.",
}
_MANY_BACKGROUNDS = "More than one background was sent. Send one of bg_image and bg_image_url."
_URL_RULES = (
    InvalidImageUrlError.default_message.removeprefix("image_url "),
    f"must be an http or https URL of at most {MOST_URL_CHARACTERS} characters, or a data: URI.",
)
"""What URLs must be elsewhere, and here. The sentence begins with the name of a field."""

_NATIVE_RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_RATE_LIMIT, _RATE_REMAINING, _RATE_RESET = _NATIVE_RATE
_NO_LIMIT = str(1_000_000)
"""What is told of requests where nothing limits them, or nobody is known whom it could."""


Rate = RateState | Mapping[str, str] | None
"""Where a key stands, or the native headers of a refusal that tell it, if anybody knows."""


def render_error(error: ApiError) -> web.Response:
    """Puts ``error`` into the envelope, with its headers but those of the native rates."""
    status = status_of(error)
    content = {"code": status, "message": HTTPStatus(status).phrase, "detail": _detail(error)}
    headers = {name: text for name, text in error.headers.items() if name not in _NATIVE_RATE}
    return web.json_response(content, status=status, headers=headers)


def status_of(error: ApiError) -> int:
    """The status of a failure."""
    is_unprocessable = isinstance(error, _UNPROCESSABLE)
    return HTTPStatus.UNPROCESSABLE_ENTITY if is_unprocessable else error.status


def standing(rate: Rate, credits_left: int, answered_id: str, now_s: float) -> dict[str, str]:
    """The headers that every answer has. ``now_s`` is in Unix seconds."""
    native = rate.headers() if isinstance(rate, RateState) else rate or {}
    resets_at_s = int(native.get(_RATE_RESET, "0"))
    return {
        "X-Picsart-Ratelimit-Limit": native.get(_RATE_LIMIT, _NO_LIMIT),
        "X-Picsart-Ratelimit-Available": native.get(_RATE_REMAINING, _NO_LIMIT),
        "X-Picsart-Ratelimit-Reset-Time": str(max(0, math.ceil(resets_at_s - now_s))),
        "X-Picsart-Credit-Available": str(credits_left),
        "X-Picsart-Correlation-Id": answered_id,
    }


def _detail(error: ApiError) -> str:
    if slot_of(error) is Slot.IMAGE:
        return _OWN_WORDS.get(type(error), str(error)).replace(*_URL_RULES)
    if isinstance(error, MultipleSourcesError):
        return _MANY_BACKGROUNDS
    return f"Background: {error}".replace(*_URL_RULES)
