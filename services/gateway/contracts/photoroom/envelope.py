"""Words failures for Photoroom's callers."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from gateway.contracts.answering import error_headers
from gateway.errors import (
    ApiError,
    InvalidFieldsError,
    MissingApiKeyError,
    UnsupportedMediaTypeError,
)

UNAUTHORIZED = "Unauthorized"
NO_KEY = "apiKey: Required"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a failure is told. Without a ``detail`` it is told in our own sentence."""

    status: int
    type: str
    detail: str | None = None


_REFUSED = Wording(403, "unauthorized", UNAUTHORIZED)
_NO_IMAGE = Wording(400, "missing_image", "Please provide an image.")
_BAD_IMAGE = Wording(400, "invalid_image")
_BAD_OPTION = Wording(400, "invalid_parameter")

WORDINGS = {
    "missing_api_key": _REFUSED,
    "invalid_api_key": _REFUSED,
    "subscription_inactive": _REFUSED,
    "rate_limited": Wording(429, "rate_limit_exceeded"),
    "missing_image": _NO_IMAGE,
    "bad_request": Wording(400, "missing_image"),
    "invalid_json": Wording(400, "missing_image"),
    "unsupported_media_type": _NO_IMAGE,
    "unsupported_image_format": _BAD_IMAGE,
    "invalid_image": _BAD_IMAGE,
    "invalid_base64": _BAD_IMAGE,
    "image_too_large": Wording(400, "image_too_large"),
    "not_found": Wording(404, "not_found"),
    "method_not_allowed": Wording(405, "method_not_allowed"),
    "request_timeout": Wording(408, "request_timeout"),
    "overloaded": Wording(503, "unknown_error"),
    "unavailable": Wording(503, "unknown_error"),
    "timeout": Wording(504, "unknown_error"),
    "internal_error": Wording(500, "unknown_error"),
}
"""By our code. Its types are unverified, but for missing_image. Bodies that cannot be read are
``bad_request``, bad options of any code are not looked up here."""


def render_error(error: ApiError) -> web.Response:
    """Words a failure as the calls for pictures do."""
    wording = _wording(error)
    content: dict[str, Any] = {
        "detail": wording.detail or str(error),
        "status_code": wording.status,
        "type": wording.type,
    }
    if wording.status == HTTPStatus.FORBIDDEN:
        # Which of both shapes it has at Photoroom is unverified.
        content |= _account_content(UNAUTHORIZED)
    return _response(error, wording.status, content)


def render_account_error(error: ApiError) -> web.Response:
    """Words a failure as the calls for the account do."""
    if isinstance(error, MissingApiKeyError):
        return _response(error, 400, _account_content(NO_KEY))
    wording = _wording(error)
    return _response(error, wording.status, _account_content(wording.detail or str(error)))


def _wording(error: ApiError) -> Wording:
    if isinstance(error, InvalidFieldsError):
        return _BAD_OPTION
    if isinstance(error, UnsupportedMediaTypeError) and error.names_encoding:
        return replace(_NO_IMAGE, detail=None)
    return WORDINGS.get(error.code, Wording(error.status, "unknown_error"))


def _account_content(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


def _response(error: ApiError, status: int, content: dict[str, Any]) -> web.Response:
    return web.json_response(content, status=status, headers=error_headers(error, status))
