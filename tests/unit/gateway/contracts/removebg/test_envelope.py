import inspect
import json
from collections.abc import Callable

import pytest

from gateway import errors
from gateway.contracts.removebg import envelope
from gateway.contracts.removebg.errors import (
    MultipleShadowsError,
    NotAvailableError,
    UnknownForegroundError,
)
from gateway.errors import (
    ApiError,
    BadRequestError,
    DeadlineError,
    FetchFailedError,
    ImageTooLargeError,
    InternalError,
    InvalidApiKeyError,
    InvalidBackgroundError,
    InvalidBase64Error,
    InvalidFieldsError,
    InvalidImageError,
    InvalidImageUrlError,
    InvalidJsonError,
    InvalidOptionError,
    MethodNotAllowedError,
    MissingApiKeyError,
    MissingImageError,
    MultipleSourcesError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
    RequestTimeoutError,
    SubscriptionInactiveError,
    UnavailableError,
    UnsupportedImageFormatError,
    UnsupportedMediaTypeError,
)
from gateway.pictures import Slot, about

BROKEN = {"format": "png"}
EMPTY = {"format": "png", "width_px": "0", "height_px": "5"}

# Section 8 of the reference, by the native code.
FAILURES: dict[str, tuple[ApiError, int, str]] = {
    "missing_api_key": (MissingApiKeyError(), 403, "auth_failed"),
    "invalid_api_key": (InvalidApiKeyError(), 403, "auth_failed"),
    "subscription_inactive": (SubscriptionInactiveError(), 403, "account_inactive"),
    "rate_limited": (RateLimitedError(), 429, "rate_limit_exceeded"),
    "missing_image": (MissingImageError(), 400, "missing_source"),
    "multiple_sources": (MultipleSourcesError(), 400, "multiple_sources"),
    "unparsable body": (BadRequestError(), 400, "invalid_request"),
    "invalid_json": (InvalidJsonError(), 400, "invalid_request"),
    "unsupported_media_type": (UnsupportedMediaTypeError(), 400, "invalid_request"),
    "unsupported_image_format": (UnsupportedImageFormatError(), 400, "invalid_file_type"),
    "not a picture": (InvalidImageError(), 400, "invalid_file_type"),
    "broken picture": (InvalidImageError(details=BROKEN), 400, "failed_to_read_image"),
    "invalid_base64": (InvalidBase64Error("image_file_b64"), 400, "failed_to_read_image"),
    "no pixels": (InvalidImageError(details=EMPTY), 400, "invalid_dimensions"),
    "too many bytes": (ImageTooLargeError.in_bytes(5), 400, "file_too_large"),
    "too many pixels": (ImageTooLargeError.in_pixels(5), 400, "resolution_too_high"),
    "invalid_image_url": (InvalidImageUrlError(), 400, "invalid_image_url"),
    "image_url_fetch_failed": (FetchFailedError(), 400, "failed_image_download"),
    "unknown_foreground": (UnknownForegroundError(), 400, "unknown_foreground"),
    "not_found": (NotFoundError(), 404, "not_found"),
    "not_available": (NotAvailableError(), 404, "not_available"),
    "method_not_allowed": (MethodNotAllowedError("POST"), 405, "method_not_allowed"),
    "request_timeout": (RequestTimeoutError(), 408, "request_timeout"),
    "internal_error": (InternalError(), 500, "internal_error"),
    "overloaded": (OverloadedError(), 503, "overloaded"),
    "unavailable": (UnavailableError(), 503, "unavailable"),
    "timeout": (DeadlineError(), 504, "timeout"),
    "multiple shadows": (MultipleShadowsError(), 400, "multiple_shadow_params"),
    "region out of the image": (
        InvalidOptionError("region", "no", "exceeds_bounds"),
        400,
        "roi_exceeds_bounds",
    ),
    "region without pixels": (
        InvalidOptionError("region", "no", "empty"),
        400,
        "roi_region_empty",
    ),
    "another bad region": (InvalidOptionError("region", "no"), 400, "invalid_roi"),
    "another option that does not fit": (
        InvalidOptionError("placement", "no"),
        400,
        "invalid_parameter",
    ),
}

# The codes of bad values, section 3.1.
FIELD_CODES = {
    "size": "invalid_size",
    "format": "invalid_format",
    "roi": "invalid_roi",
    "crop": "invalid_parameter",
    "crop_margin": "invalid_crop_margin",
    "scale": "invalid_scale",
    "position": "invalid_position",
    "channels": "invalid_channels",
    "add_shadow": "invalid_parameter",
    "shadow_type": "invalid_parameter",
    "shadow_type[car]": "invalid_parameter",
    "shadow_opacity": "invalid_shadow_opacity",
    "shadow_opacity[car]": "invalid_shadow_opacity",
    "semitransparency": "invalid_semitransparency",
    "bg_color": "invalid_bg_color",
}

# The titles of section 3.7.
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
}


def told(error: ApiError) -> list[dict[str, str]]:
    """The errors that the envelope holds."""
    response = envelope.render_error(error)
    assert response.content_type == "application/json"
    content = json.loads(response.text or "")
    assert list(content) == ["errors"]
    errors_told: list[dict[str, str]] = content["errors"]
    assert all(list(each) == ["title", "code", "detail"] for each in errors_told)
    return errors_told


@pytest.mark.parametrize(("error", "status", "code"), FAILURES.values(), ids=FAILURES)
def test_a_failure_has_its_status_and_code(error: ApiError, status: int, code: str) -> None:
    (only,) = told(error)

    assert (envelope.render_error(error).status, only["code"]) == (status, code)
    assert only["title"]
    assert only["detail"] == str(error)


@pytest.mark.parametrize(("code", "title"), TITLES.items())
def test_a_code_has_its_title(code: str, title: str) -> None:
    assert envelope.TITLES[code] == title


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (MissingApiKeyError(), "Missing API Key"),
        (InvalidApiKeyError(), "API Key invalid"),
        (RateLimitedError(), "Rate limit exceeded"),
        (NotAvailableError(), "The improvement program is not available on this server"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_titles_beyond_those_of_bad_requests(error: ApiError, title: str) -> None:
    assert told(error)[0]["title"] == title


@pytest.mark.parametrize(("field", "code"), FIELD_CODES.items())
def test_a_bad_value_has_the_code_of_its_field(field: str, code: str) -> None:
    error = InvalidFieldsError({field: "It is bad."})

    (only,) = told(error)

    assert envelope.render_error(error).status == 400
    assert (only["code"], only["detail"]) == (code, "It is bad.")
    if code in TITLES:
        assert only["title"] == TITLES[code]
    else:
        assert only["title"] == f"Invalid value for parameter '{field}'"


def test_several_bad_values_are_told_in_their_order() -> None:
    error = InvalidBackgroundError({"bg_color": "no colour", "crop": "no switch"})

    assert [each["code"] for each in told(error)] == ["invalid_bg_color", "invalid_parameter"]
    assert [each["detail"] for each in told(error)] == ["no colour", "no switch"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (MultipleSourcesError, "multiple_bg_sources"),
        (InvalidImageUrlError, "invalid_bg_image_url"),
        (FetchFailedError, "failed_bg_download"),
        (InvalidImageError, "invalid_file_type"),
        (lambda: InvalidImageError(details=BROKEN), "invalid_file_type"),
        (lambda: InvalidImageError(details=EMPTY), "invalid_file_type"),
        (UnsupportedImageFormatError, "invalid_file_type"),
        (lambda: ImageTooLargeError.in_bytes(5), "file_too_large"),
        (lambda: ImageTooLargeError.in_pixels(5), "resolution_too_high"),
        (OverloadedError, "overloaded"),
    ],
)
def test_failures_of_the_picture_behind_have_their_own_codes(
    make: Callable[[], ApiError], code: str
) -> None:
    with pytest.raises(ApiError) as caught, about(Slot.BACKGROUND):
        raise make()

    assert told(caught.value)[0]["code"] == code


@pytest.mark.parametrize("error_type", [OverloadedError, UnavailableError, RateLimitedError])
def test_when_to_come_back_is_told_in_whole_seconds(error_type: type[OverloadedError]) -> None:
    assert envelope.render_error(error_type(retry_after_s=2.5)).headers["Retry-After"] == "3"


def test_the_methods_of_a_path_are_told() -> None:
    assert envelope.render_error(MethodNotAllowedError("POST")).headers["Allow"] == "POST"


@pytest.mark.parametrize("error", [MissingApiKeyError(), InvalidApiKeyError()], ids=repr)
def test_a_403_has_no_challenge(error: ApiError) -> None:
    assert "WWW-Authenticate" not in envelope.render_error(error).headers


def test_every_failure_has_its_words() -> None:
    codes = {
        error.code
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, ApiError)
    }

    assert codes <= set(envelope.WORDINGS)
