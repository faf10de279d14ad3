"""Words failures as remove.bg does: a list of errors, each with a title and a code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from gateway.contracts.answering import error_headers
from gateway.contracts.removebg.errors import MultipleShadowsError
from gateway.errors import (
    ApiError,
    ImageTooLargeError,
    InvalidFieldsError,
    InvalidImageError,
    InvalidOptionError,
)
from gateway.pictures import Slot, slot_of

TITLES = {
    "missing_source": "No image given",
    "multiple_sources": "Multiple image sources given",
    "invalid_image_url": "Invalid image_url",
    "failed_image_download": "Failed to download image from given image_url",
    "file_too_large": "File too large",
    "resolution_too_high": "Image resolution too high",
    "invalid_file_type": "Invalid file type",
    "failed_to_read_image": "There was an error reading the image",
    "invalid_dimensions": "Failed to read image dimensions",
    "unknown_foreground": "Could not identify foreground in image",
    "invalid_size": "Invalid value for parameter 'size'",
    "invalid_channels": "Invalid value for parameter 'channels'",
    "invalid_format": "Invalid format parameter given",
    "invalid_semitransparency": "Invalid semitransparency parameter given",
    "invalid_roi": "Invalid roi parameter given",
    "roi_exceeds_bounds": "ROI exceeds image bounds",
    "roi_region_empty": "ROI region is empty",
    "invalid_crop_margin": "Invalid crop_margin parameter given",
    "invalid_scale": "Invalid scale parameter given",
    "invalid_position": "Invalid position parameter given",
    "invalid_bg_color": "Invalid bg_color parameter given",
    "multiple_bg_sources": "Multiple background sources given",
    "invalid_bg_image_url": "Invalid bg_image_url",
    "failed_bg_download": "Failed to download background image",
    "multiple_shadow_params": "Multiple shadow parameters given",
    "invalid_shadow_opacity": "Invalid shadow_opacity parameter given",
    "invalid_request": "Invalid request",
}
"""What is wrong with a request, by its code. The status is always 400."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a failure is told."""

    code: str
    title: str
    status: int = 400


def _refusal(code: str) -> Wording:
    return Wording(code, TITLES[code])


WORDINGS: Mapping[str, Wording] = {
    "bad_request": _refusal("invalid_request"),
    "missing_image": _refusal("missing_source"),
    "multiple_sources": _refusal("multiple_sources"),
    "invalid_image": _refusal("failed_to_read_image"),
    "invalid_base64": _refusal("failed_to_read_image"),
    "invalid_bg_color": _refusal("invalid_bg_color"),
    "invalid_json": _refusal("invalid_request"),
    "invalid_image_url": _refusal("invalid_image_url"),
    "image_url_fetch_failed": _refusal("failed_image_download"),
    "missing_api_key": Wording("auth_failed", "Missing API Key", 403),
    "invalid_api_key": Wording("auth_failed", "API Key invalid", 403),
    "subscription_inactive": Wording("account_inactive", "Account inactive", 403),
    "not_found": Wording("not_found", "Not found", 404),
    "not_available": Wording(
        "not_available", "The improvement program is not available on this server", 404
    ),
    "method_not_allowed": Wording("method_not_allowed", "Method not allowed", 405),
    "request_timeout": Wording("request_timeout", "Request timeout", 408),
    "image_too_large": _refusal("file_too_large"),
    "unsupported_media_type": _refusal("invalid_request"),
    "unsupported_image_format": _refusal("invalid_file_type"),
    "unknown_foreground": _refusal("unknown_foreground"),
    "rate_limited": Wording("rate_limit_exceeded", "Rate limit exceeded", 429),
    "internal_error": Wording("internal_error", "Internal error", 500),
    "overloaded": Wording("overloaded", "Server overloaded", 503),
    "unavailable": Wording("unavailable", "Service unavailable", 503),
    "timeout": Wording("timeout", "Timeout", 504),
}
"""By the native code, where nothing else is known of the failure."""

_OF_BACKGROUND = {
    "multiple_sources": "multiple_bg_sources",
    "invalid_image_url": "invalid_bg_image_url",
    "image_url_fetch_failed": "failed_bg_download",
    "invalid_image": "invalid_file_type",
}
"""By the native code, where the failure is about the picture behind the subject."""

_OF_REGION = {"exceeds_bounds": "roi_exceeds_bounds", "empty": "roi_region_empty"}


def render_error(error: ApiError) -> web.Response:
    """Puts ``error`` into the envelope. Where several fields are bad, each is one of its errors."""
    told = [*_told(error)]
    status = told[0][0].status
    errors = [
        {"title": wording.title, "code": wording.code, "detail": detail} for wording, detail in told
    ]
    headers = error_headers(error, status)
    return web.json_response({"errors": errors}, status=status, headers=headers)


def _told(error: ApiError) -> Iterator[tuple[Wording, str]]:
    if isinstance(error, InvalidFieldsError) and not isinstance(error, InvalidOptionError):
        for field, sentence in error.details["fields"].items():
            yield _of_field(field), sentence
    else:
        yield _of_whole(error), str(error)


def _of_field(field: str) -> Wording:
    """What is told of a bad option: that of all types where it is for one type of subject only."""
    code = f"invalid_{field.partition('[')[0]}"
    if code in TITLES:
        return _refusal(code)
    return Wording("invalid_parameter", f"Invalid value for parameter '{field}'")


def _of_whole(error: ApiError) -> Wording:
    if isinstance(error, InvalidOptionError) and error.field != "region":
        return _of_field(error.field)
    code = _closer_code(error)
    return WORDINGS[error.code] if code is None else _refusal(code)


def _closer_code(error: ApiError) -> str | None:
    """The code of what is known of a failure beyond its native code, if anything is."""
    code = _OF_BACKGROUND.get(error.code) if slot_of(error) is Slot.BACKGROUND else None
    match error:
        case InvalidOptionError(problem=problem):
            code = _OF_REGION.get(problem, "invalid_roi")
        case MultipleShadowsError():
            code = "multiple_shadow_params"
        case ImageTooLargeError(has_too_many_pixels=True):
            code = "resolution_too_high"
        case InvalidImageError() if code is None and "width_px" in error.details:
            code = "invalid_dimensions"
        case InvalidImageError() if code is None and "format" not in error.details:
            code = "invalid_file_type"
    return code
