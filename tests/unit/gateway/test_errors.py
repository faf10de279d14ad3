import inspect

import pytest

from gateway import errors
from gateway.errors import (
    ApiError,
    ImageTooLargeError,
    InvalidFieldsError,
    OverloadedError,
    UnavailableError,
)

CONTRACT = {
    "bad_request": 400,
    "missing_image": 400,
    "multiple_sources": 400,
    "invalid_image": 400,
    "invalid_base64": 400,
    "invalid_bg_color": 400,
    "invalid_json": 400,
    "invalid_image_url": 400,
    "image_url_fetch_failed": 400,
    "missing_api_key": 401,
    "invalid_api_key": 401,
    "subscription_inactive": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "image_too_large": 413,
    "unsupported_media_type": 415,
    "unsupported_image_format": 415,
    "rate_limited": 429,
    "internal_error": 500,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
}


def test_every_code_has_the_status_of_the_contract() -> None:
    abstract = {ApiError, errors.RetryLaterError}
    types = {
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, ApiError) and error not in abstract
    }

    assert {error.code: error.status for error in types} == CONTRACT


@pytest.mark.parametrize(
    ("delay_s", "header"), [(0.0, "1"), (0.2, "1"), (1.0, "1"), (1.01, "2"), (30.0, "30")]
)
@pytest.mark.parametrize("error_type", [OverloadedError, UnavailableError])
def test_retry_after_is_whole_seconds_and_never_too_early(
    error_type: type[OverloadedError | UnavailableError], delay_s: float, header: str
) -> None:
    assert error_type(retry_after_s=delay_s).headers == {"Retry-After": header}


def test_limits_are_told_in_the_words_of_the_contract() -> None:
    assert str(ImageTooLargeError.in_bytes(30 * 2**20)) == "image too large (>30 MB)."
    assert str(ImageTooLargeError.in_bytes(2**20 // 2)) == "image too large (>0.5 MB)."
    assert str(ImageTooLargeError.in_pixels(100_000_000)) == "image exceeds 100000000 pixels."


def test_bad_fields_give_the_first_message_and_list_all() -> None:
    error = InvalidFieldsError({"a": "a is bad", "b": "b is bad"})

    assert str(error) == "a is bad"
    assert error.details == {"fields": {"a": "a is bad", "b": "b is bad"}}
