"""Words failures for Slazzer's callers: a status and a text."""

from aiohttp import web

from gateway.contracts.answering import error_headers
from gateway.errors import ApiError, MultipleBackgroundsError
from gateway.pictures import Slot, slot_of

_BAD_KEY = "invalid api key"

STATUSES = {
    "missing_api_key": 401,
    "invalid_api_key": 401,
    "subscription_inactive": 401,
    "rate_limited": 429,
    "missing_image": 400,
    "multiple_sources": 400,
    "bad_request": 400,
    "invalid_bg_color": 400,
    "invalid_json": 400,
    "unsupported_media_type": 400,
    "unsupported_image_format": 400,
    "invalid_image": 400,
    "invalid_base64": 400,
    "image_too_large": 400,
    "invalid_image_url": 400,
    "image_url_fetch_failed": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
    "internal_error": 500,
}
"""By our code."""

_TEXTS = {
    "missing_api_key": _BAD_KEY,
    "invalid_api_key": _BAD_KEY,
    "rate_limited": "Api rate limit crossed",
    "missing_image": "Source image file not found",
}
"""By our code; the others are told in our own sentences."""


def render_error(error: ApiError) -> web.Response:
    """Words a failure of the call for pictures."""
    return _response(error, {"error": _text(error)})


def render_account_error(error: ApiError) -> web.Response:
    """Words a failure of the call for the account.

    Its clients take any body with a ``status`` for a failure, and heed nothing else.
    """
    return _response(error, {"status": "error", "error": _text(error)})


def _text(error: ApiError) -> str:
    if error.code in _TEXTS:
        return _TEXTS[error.code]
    if slot_of(error) is Slot.BACKGROUND and not isinstance(error, MultipleBackgroundsError):
        return f"Background: {error}"
    return str(error)


def _response(error: ApiError, content: dict[str, str]) -> web.Response:
    status = STATUSES.get(error.code, error.status)
    return web.json_response(content, status=status, headers=error_headers(error, status))
