"""Words failures for Clipdrop's callers: a status and a text."""

from aiohttp import web

from gateway.contracts.answering import error_headers
from gateway.contracts.clipdrop.options import NotAcceptableError
from gateway.errors import ApiError, MissingImageError, UnsupportedMediaTypeError

STATUSES = {
    "missing_api_key": 401,
    "invalid_api_key": 403,
    "subscription_inactive": 403,
    "rate_limited": 429,
    "missing_image": 400,
    "bad_request": 400,
    "unsupported_media_type": 400,
    "unsupported_image_format": 400,
    "invalid_image": 400,
    "image_too_large": 400,
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
    "missing_api_key": "No api key provided",
    "invalid_api_key": "Invalid or revoked api key",
    "rate_limited": "Too many requests",
    # A body of another kind may well hold an image, which nobody looks for there.
    "unsupported_media_type": MissingImageError.default_message,
}
"""By our code; other failures are told in our own sentences."""


def render_error(error: ApiError) -> web.Response:
    """Words a failure."""
    status = STATUSES.get(error.code, error.status)
    if isinstance(error, NotAcceptableError):
        status = 406
    return web.json_response(
        {"error": _text(error)}, status=status, headers=error_headers(error, status)
    )


def _text(error: ApiError) -> str:
    if isinstance(error, UnsupportedMediaTypeError) and error.names_encoding:
        return str(error)
    return _TEXTS.get(error.code, str(error))
