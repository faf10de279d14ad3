"""Every row of the reference's table of failures, in Picsart's words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway import errors
from gateway.accounts.rate_limits import RateState
from gateway.contracts.picsart.envelope import render_error, standing, status_of
from gateway.errors import ApiError
from gateway.pictures import Slot, about

NATIVE_RATE = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1007"}


def worded(error: ApiError) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_error(error).text or "")
    return document


def of_background(error: ApiError) -> ApiError:
    with pytest.raises(ApiError), about(Slot.BACKGROUND):
        raise error
    return error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        pytest.param(errors.MissingApiKeyError(), 401, "Unauthorized", id="missing_api_key"),
        pytest.param(errors.InvalidApiKeyError(), 401, "Unauthorized", id="invalid_api_key"),
        pytest.param(
            errors.SubscriptionInactiveError(), 403, "Forbidden", id="subscription_inactive"
        ),
        pytest.param(errors.RateLimitedError(), 429, "Too Many Requests", id="rate_limited"),
        pytest.param(errors.MissingImageError(), 422, "Unprocessable Entity", id="missing_image"),
        pytest.param(
            errors.MultipleSourcesError(), 422, "Unprocessable Entity", id="multiple_sources"
        ),
        pytest.param(
            errors.InvalidFieldsError({"scale": "bad"}),
            422,
            "Unprocessable Entity",
            id="bad-option",
        ),
        pytest.param(
            errors.InvalidBackgroundError({"bg_color": "bad"}),
            422,
            "Unprocessable Entity",
            id="invalid_bg_color",
        ),
        pytest.param(
            errors.InvalidOptionError("background_picture", "too large"),
            422,
            "Unprocessable Entity",
            id="option-refused-by-the-segmenter",
        ),
        pytest.param(errors.InvalidJsonError(), 400, "Bad Request", id="invalid_json"),
        pytest.param(errors.BadRequestError(), 400, "Bad Request", id="unparsable-body"),
        pytest.param(
            errors.UnsupportedMediaTypeError(),
            415,
            "Unsupported Media Type",
            id="unsupported_media_type",
        ),
        pytest.param(
            errors.UnsupportedImageFormatError(),
            422,
            "Unprocessable Entity",
            id="unsupported_image_format",
        ),
        pytest.param(errors.InvalidImageError(), 422, "Unprocessable Entity", id="invalid_image"),
        pytest.param(
            errors.InvalidBase64Error("image_url"),
            422,
            "Unprocessable Entity",
            id="invalid_base64",
        ),
        pytest.param(
            errors.ImageTooLargeError.in_bytes(2**20),
            413,
            "Request Entity Too Large",
            id="image_too_large-bytes",
        ),
        pytest.param(
            errors.ImageTooLargeError.in_pixels(100),
            413,
            "Request Entity Too Large",
            id="image_too_large-pixels",
        ),
        pytest.param(
            errors.InvalidImageUrlError(), 422, "Unprocessable Entity", id="malformed-URL"
        ),
        *(
            pytest.param(
                errors.FetchFailedError.with_status(status),
                422,
                "Unprocessable Entity",
                id=f"image_url_fetch_failed-{status}",
            )
            for status in (404, 429, 500)
        ),
        pytest.param(errors.NotFoundError(), 404, "Not Found", id="not_found"),
        pytest.param(
            errors.MethodNotAllowedError("POST"), 405, "Method Not Allowed", id="method_not_allowed"
        ),
        pytest.param(errors.RequestTimeoutError(), 408, "Request Timeout", id="request_timeout"),
        pytest.param(errors.OverloadedError(), 503, "Service Unavailable", id="overloaded"),
        pytest.param(errors.UnavailableError(), 503, "Service Unavailable", id="unavailable"),
        pytest.param(errors.DeadlineError(), 504, "Gateway Timeout", id="timeout"),
        pytest.param(errors.InternalError(), 500, "Internal Server Error", id="internal_error"),
    ],
)
def test_every_failure_has_its_status_and_all_three_keys(
    error: ApiError, status: int, message: str
) -> None:
    response = render_error(error)

    document = worded(error)
    assert response.status == status
    assert list(document) == ["code", "message", "detail"]
    assert document["code"] == status
    assert document["message"] == message
    assert document["detail"]


DOCUMENTED = {400, 401, 402, 403, 404, 405, 406, 413, 415, 422, 429, 431, 500, 503, 504}


def _kinds(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def test_no_failure_has_another_status_than_picsart_documents_but_that_of_slow_bodies() -> None:
    bare = [
        kind.__new__(kind)
        for kind in _kinds(ApiError)
        if kind.__module__.startswith("gateway.errors.")
    ]

    assert {status_of(error) for error in bare} - DOCUMENTED == {408}


def test_nobody_is_told_to_send_fields_of_other_dialects() -> None:
    for kind in (errors.MissingImageError, errors.MultipleSourcesError):
        assert "image_file" not in worded(kind())["detail"]
    assert "image_url" in worded(errors.MissingImageError())["detail"]


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        pytest.param(
            errors.FetchFailedError("cannot download bg_image_url (HTTP 404)"),
            "Background: cannot download bg_image_url (HTTP 404)",
            id="fetch",
        ),
        pytest.param(
            errors.ImageTooLargeError.in_bytes(2**20),
            "Background: image too large (>1 MB).",
            id="size",
        ),
        pytest.param(
            errors.InvalidBase64Error("bg_image_url"),
            "Background: bg_image_url is not valid base64.",
            id="base64",
        ),
        pytest.param(
            errors.MultipleSourcesError(),
            "More than one background was sent. Send one of bg_image and bg_image_url.",
            id="several",
        ),
    ],
)
def test_what_is_wrong_with_the_background_is_told_of_it(error: ApiError, detail: str) -> None:
    assert worded(of_background(error))["detail"] == detail


def test_what_a_url_must_be_is_told_as_it_holds_here() -> None:
    detail = "image_url must be an http or https URL of at most 2083 characters, or a data: URI."
    port = "image_url names a port that is not allowed."

    assert worded(errors.InvalidImageUrlError())["detail"] == detail
    assert worded(errors.InvalidImageUrlError(port))["detail"] == port


def test_headers_of_a_failure_are_kept_but_the_native_rate() -> None:
    limited = errors.RateLimitedError(retry_after_s=2.5)
    limited.headers.update(NATIVE_RATE)

    assert render_error(limited).headers["Retry-After"] == "3"
    assert not [name for name in render_error(limited).headers if name in NATIVE_RATE]
    assert "WWW-Authenticate" in render_error(errors.MissingApiKeyError()).headers
    assert render_error(errors.MethodNotAllowedError("GET")).headers["Allow"] == "GET"


@pytest.mark.parametrize("rate", [RateState(60, 0, 1006.5), NATIVE_RATE], ids=["state", "refusal"])
def test_the_rate_is_told_in_seconds_until_its_reset(rate: Any) -> None:
    assert standing(rate, 1_000_000, "the-id", now_s=1000.2) == {
        "X-Picsart-Ratelimit-Limit": "60",
        "X-Picsart-Ratelimit-Available": "0",
        "X-Picsart-Ratelimit-Reset-Time": "7",
        "X-Picsart-Credit-Available": "1000000",
        "X-Picsart-Correlation-Id": "the-id",
    }


def test_a_reset_that_is_over_is_not_negative() -> None:
    headers = standing(RateState(60, 59, 1000.0), 7, "the-id", now_s=2000.0)
    assert headers["X-Picsart-Ratelimit-Reset-Time"] == "0"


@pytest.mark.parametrize("rate", [None, {}])
def test_where_no_rate_is_known_the_headers_are_whole_numbers_all_the_same(rate: Any) -> None:
    headers = standing(rate, 7, "the-id", now_s=1000.0)

    del headers["X-Picsart-Correlation-Id"]
    assert len(headers) == 4
    assert all(int(text) >= 0 for text in headers.values())
