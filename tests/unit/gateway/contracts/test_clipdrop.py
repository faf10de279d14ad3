"""Clipdrop's tables: what a form and an Accept header mean, and how each failure is told."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.kind import BodyKind
from gateway.contracts.clipdrop.envelope import STATUSES, render_error
from gateway.contracts.clipdrop.options import (
    NAMES,
    VOCABULARY,
    NotAcceptableError,
    negotiated_format,
    read_options,
)
from gateway.errors import (
    ApiError,
    BadRequestError,
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    InvalidApiKeyError,
    InvalidFieldsError,
    InvalidImageError,
    MethodNotAllowedError,
    MissingApiKeyError,
    MissingImageError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
    RequestTimeoutError,
    SubscriptionInactiveError,
    UnavailableError,
    UnsupportedImageFormatError,
    UnsupportedMediaTypeError,
)
from gateway.options.cut_out import CutOutOptions, InputAlpha, OutputFormat
from gateway.options.fields import Fields, FieldValue, NoText
from tests.unit.gateway.contracts.error_codes import error_codes

PNG, WEBP, JPEG = OutputFormat.PNG, OutputFormat.WEBP, OutputFormat.JPEG
ANY_TEXT = None

FAILURES = [
    pytest.param(MissingApiKeyError(), 401, "No api key provided", id="missing_api_key"),
    pytest.param(InvalidApiKeyError(), 403, "Invalid or revoked api key", id="invalid_api_key"),
    pytest.param(SubscriptionInactiveError(), 403, ANY_TEXT, id="subscription_inactive"),
    pytest.param(RateLimitedError(), 429, "Too many requests", id="rate_limited"),
    pytest.param(MissingImageError(), 400, ANY_TEXT, id="missing_image"),
    pytest.param(InvalidFieldsError({"a": "bad a"}), 400, "bad a", id="bad option"),
    pytest.param(BadRequestError("No boundary."), 400, "No boundary.", id="unparsable body"),
    pytest.param(UnsupportedMediaTypeError(), 400, ANY_TEXT, id="unsupported_media_type"),
    pytest.param(UnsupportedImageFormatError(), 400, ANY_TEXT, id="unsupported_image_format"),
    pytest.param(InvalidImageError(), 400, ANY_TEXT, id="invalid_image"),
    pytest.param(InvalidImageError(details={"format": "PNG"}), 400, ANY_TEXT, id="no usable size"),
    pytest.param(
        ImageTooLargeError.in_bytes(2**20),
        400,
        "image too large (>1 MB).",
        id="image_too_large (bytes)",
    ),
    pytest.param(
        ImageTooLargeError.in_pixels(9),
        400,
        "image exceeds 9 pixels.",
        id="image_too_large (pixels)",
    ),
    pytest.param(
        NotAcceptableError(), 406, "Accept header not acceptable", id="Accept cannot be met"
    ),
    pytest.param(NotFoundError(), 404, ANY_TEXT, id="not_found"),
    pytest.param(MethodNotAllowedError("POST"), 405, ANY_TEXT, id="method_not_allowed"),
    pytest.param(RequestTimeoutError(), 408, ANY_TEXT, id="request_timeout"),
    pytest.param(OverloadedError(), 503, ANY_TEXT, id="overloaded"),
    pytest.param(UnavailableError(), 503, ANY_TEXT, id="unavailable"),
    pytest.param(DeadlineError(), 504, ANY_TEXT, id="timeout"),
    pytest.param(InternalError(), 500, ANY_TEXT, id="internal_error"),
]


def read(accept: str = "", **values: FieldValue) -> CutOutOptions:
    return read_options(Fields.from_pairs(values.items()), accept, 25_000_000)


def test_nothing_asked_for_is_a_png_of_the_size_of_the_image() -> None:
    assert read() == CutOutOptions(
        output_format=PNG,
        max_pixels=25_000_000,
        max_input_pixels=25_000_000,
        input_alpha=InputAlpha.RETURN,
    )


@pytest.mark.parametrize(
    ("value", "input_alpha"),
    [
        ("return_input_if_non_opaque", InputAlpha.RETURN),
        ("discard_alpha_layer", InputAlpha.DISCARD),
        ("Discard_Alpha_Layer", InputAlpha.DISCARD),
    ],
)
def test_transparency_handling_means(value: str, input_alpha: InputAlpha) -> None:
    assert read(transparency_handling=value).input_alpha is input_alpha


@pytest.mark.parametrize("value", ["keep", "return", NoText.VALUE])
def test_another_handling_is_refused_with_the_names_of_those_there_are(value: FieldValue) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read(transparency_handling=value)

    response = render_error(caught.value)
    assert response.status == 400
    assert str(caught.value) == (
        "transparency_handling must be one of ['discard_alpha_layer', 'return_input_if_non_opaque']"
    )
    assert content(response) == {"error": str(caught.value)}


def test_the_last_of_a_repeated_field_counts() -> None:
    repeated = Fields.from_pairs(
        [("transparency_handling", "x"), ("transparency_handling", "discard_alpha_layer")]
    )

    assert read_options(repeated, "", 1).input_alpha is InputAlpha.DISCARD


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "jpg"),
        ("crop", "true"),
        ("bg_color", "red"),
        ("size", "preview"),
        ("channels", "alpha"),
        ("image_url", "https://a.example/b.png"),
    ],
)
def test_a_native_name_is_ignored_and_named(name: str, value: str) -> None:
    assert read(**{name: value}) == read()
    assert Fields(((name, value),)).names_beyond(NAMES) == [name]


def test_the_field_of_this_call_is_not_named() -> None:
    assert Fields((("Transparency_Handling", "discard_alpha_layer"),)).names_beyond(NAMES) == []


def test_pictures_come_as_files_of_forms_alone() -> None:
    assert set(VOCABULARY.files) == {"image_file"}
    assert not VOCABULARY.texts
    assert not VOCABULARY.urls
    assert VOCABULARY.kinds == {BodyKind.MULTIPART}


@pytest.mark.parametrize(
    ("accept", "output_format"),
    [
        ("", PNG),
        ("*/*", PNG),
        ("image/*", PNG),
        ("image/png", PNG),
        ("image/webp", WEBP),
        ("image/jpeg", JPEG),
        ("image/jpg", JPEG),
        ("IMAGE/JPG", JPEG),
        ("image/jpeg, image/webp, image/png", PNG),
        ("image/jpeg, image/webp", WEBP),
        ("image/jpeg;q=0.9, image/webp;q=0.8", JPEG),
        ("image/jpeg;q=0.5, image/jpg;q=0.9, image/webp;q=0.8", JPEG),
        ("image/png;q=0.5, image/webp;q=0.5, image/jpeg;q=0.4", PNG),
        ("image/webp, */*;q=0.8", WEBP),
        ("image/png;q=0.1, image/*", WEBP),
        ("image/png;q=0, */*", WEBP),
        ("image/png;q=0, image/webp;q=0, */*;q=0.1", JPEG),
        ("image/*;q=0.1, */*", PNG),
        ("application/json, image/jpeg;q=0.1", JPEG),
        ("application/json, */*;q=0.1", PNG),
        ("text/html, image/avif, image/webp, */*;q=0.8", WEBP),
    ],
)
def test_the_format_is_the_one_that_accept_likes_best(
    accept: str, output_format: OutputFormat
) -> None:
    assert negotiated_format(accept) is output_format


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "text/html, application/xhtml+xml",
        "image/avif",
        "image/png;q=0",
        "*/*;q=0",
        "image/*;q=0, */*",
        "image/png;q=nonsense",
    ],
)
def test_nothing_acceptable_is_told(accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        negotiated_format(accept)


@given(st.text())
def test_any_accept_header_can_be_read(accept: str) -> None:
    try:
        chosen = negotiated_format(accept)
    except NotAcceptableError:
        return
    assert chosen in {PNG, WEBP, JPEG}


def test_no_failure_is_without_words() -> None:
    # Images are files, one of which counts, and there are no bodies but forms.
    urls = {"invalid_image_url", "image_url_fetch_failed"}
    never = urls | {"multiple_sources", "invalid_base64", "invalid_json", "invalid_bg_color"}
    assert set(STATUSES) == error_codes() - never


@pytest.mark.parametrize(("error", "status", "text"), FAILURES)
def test_each_failure_has_its_status_and_text(
    error: ApiError, status: int, text: str | None
) -> None:
    response = render_error(error)

    assert response.status == status
    told = content(response)["error"]
    assert content(response) == {"error": told}
    assert isinstance(told, str)
    assert told == (text or told) != ""


def test_a_body_of_another_kind_is_told_as_one_without_an_image() -> None:
    without, other = map(render_error, (MissingImageError(), UnsupportedMediaTypeError()))

    assert content(without) == content(other)
    assert "image_file" in content(without)["error"]


def test_a_challenge_comes_with_401_alone() -> None:
    assert "WWW-Authenticate" in render_error(MissingApiKeyError()).headers
    assert "WWW-Authenticate" not in render_error(InvalidApiKeyError()).headers


@pytest.mark.parametrize("error", [RateLimitedError(), OverloadedError(), UnavailableError()])
def test_what_passes_says_when_to_try_again(error: ApiError) -> None:
    assert render_error(error).headers["Retry-After"] == "1"


def content(response: Any) -> Any:
    return json.loads(response.text)
