"""Photoroom's tables: what each field means, and how each failure is told."""

import json
from typing import Any

import pytest

from gateway.bodies.kind import BodyKind
from gateway.contracts.photoroom import envelope
from gateway.contracts.photoroom.options import VOCABULARY, read_options
from gateway.errors import (
    ApiError,
    BadRequestError,
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    InvalidApiKeyError,
    InvalidBackgroundError,
    InvalidBase64Error,
    InvalidFieldsError,
    InvalidImageError,
    InvalidJsonError,
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
from gateway.options.colour import Colour
from gateway.options.cut_out import NAMES, CutOutOptions, OutputChannels, OutputFormat
from gateway.options.fields import Fields, FieldValue, NoText
from tests.unit.gateway.contracts.error_codes import error_codes

DEFAULTS: dict[str, Any] = {"max_pixels": 36_000_000, "describe_subject": True}

FAILURES = [
    pytest.param(MissingApiKeyError(), 403, "unauthorized", id="missing_api_key"),
    pytest.param(InvalidApiKeyError(), 403, "unauthorized", id="invalid_api_key"),
    pytest.param(SubscriptionInactiveError(), 403, "unauthorized", id="subscription_inactive"),
    pytest.param(RateLimitedError(), 429, "rate_limit_exceeded", id="rate_limited"),
    pytest.param(MissingImageError(), 400, "missing_image", id="missing_image"),
    pytest.param(InvalidFieldsError({"size": "s"}), 400, "invalid_parameter", id="bad option"),
    pytest.param(
        InvalidBackgroundError({"bg_color": "b"}), 400, "invalid_parameter", id="bad bg_color"
    ),
    pytest.param(InvalidJsonError(), 400, "missing_image", id="invalid_json"),
    pytest.param(BadRequestError("No boundary."), 400, "missing_image", id="unparsable body"),
    pytest.param(UnsupportedMediaTypeError(), 400, "missing_image", id="unsupported_media_type"),
    pytest.param(
        UnsupportedImageFormatError(), 400, "invalid_image", id="unsupported_image_format"
    ),
    pytest.param(InvalidImageError(), 400, "invalid_image", id="invalid_image"),
    pytest.param(InvalidBase64Error("image_file_b64"), 400, "invalid_image", id="invalid_base64"),
    pytest.param(
        InvalidImageError(details={"format": "PNG"}), 400, "invalid_image", id="no usable size"
    ),
    pytest.param(
        ImageTooLargeError.in_bytes(2**20), 400, "image_too_large", id="image_too_large (bytes)"
    ),
    pytest.param(
        ImageTooLargeError.in_pixels(9), 400, "image_too_large", id="image_too_large (pixels)"
    ),
    pytest.param(NotFoundError(), 404, "not_found", id="not_found"),
    pytest.param(MethodNotAllowedError("POST"), 405, "method_not_allowed", id="method_not_allowed"),
    pytest.param(RequestTimeoutError(), 408, "request_timeout", id="request_timeout"),
    pytest.param(OverloadedError(), 503, "unknown_error", id="overloaded"),
    pytest.param(UnavailableError(), 503, "unknown_error", id="unavailable"),
    pytest.param(DeadlineError(), 504, "unknown_error", id="timeout"),
    pytest.param(InternalError(), 500, "unknown_error", id="internal_error"),
]


def fields(**values: FieldValue) -> Fields:
    return Fields.from_pairs(values.items())


def test_nothing_asked_for_is_an_rgba_png_of_36_megapixels() -> None:
    assert read_options(Fields()) == CutOutOptions(
        output_format=OutputFormat.PNG,
        channels=OutputChannels.RGBA,
        max_pixels=36_000_000,
        crop=False,
        background=None,
        despill=False,
        describe_subject=True,
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("format", "png", {"output_format": OutputFormat.PNG}),
        ("format", "JPG", {"output_format": OutputFormat.JPEG}),
        ("format", "jpeg", {"output_format": OutputFormat.JPEG}),
        ("format", "webp", {"output_format": OutputFormat.WEBP}),
        ("channels", "rgba", {"channels": OutputChannels.RGBA}),
        ("channels", "alpha", {"channels": OutputChannels.ALPHA}),
        ("bg_color", "#FF8000", {"background": Colour(255, 128, 0)}),
        ("bg_color", "red", {"background": Colour(255, 0, 0)}),
        ("bg_color", "00ff00", {"background": Colour(0, 255, 0)}),
        ("bg_color", "00000000", {"background": None}),
        ("bg_color", "transparent", {"background": None}),
        ("size", "preview", {"max_pixels": 250_000}),
        ("size", "medium", {"max_pixels": 1_500_000}),
        ("size", "hd", {"max_pixels": 4_000_000}),
        ("size", "full", {"max_pixels": 36_000_000}),
        ("size", "auto", {"max_pixels": 36_000_000}),
        ("crop", "true", {"crop": True}),
        ("crop", "false", {"crop": False}),
        ("despill", "true", {"despill": True}),
        ("despill", "false", {"despill": False}),
    ],
)
def test_each_value_of_a_field_means(name: str, value: str, expected: dict[str, Any]) -> None:
    assert read_options(fields(**{name: value})) == CutOutOptions(**{**DEFAULTS, **expected})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "bmp"),
        ("format", "tiff"),
        ("format", "gif"),
        ("format", "jpe"),
        ("format", "auto"),
        ("format", "zip"),
        ("channels", "rgb"),
        ("bg_color", "no colour"),
        ("size", "4k"),
        ("crop", "maybe"),
        ("despill", "green"),
        *((name, NoText.VALUE) for name in ("format", "channels", "bg_color", "size", "crop")),
    ],
)
def test_another_value_is_an_invalid_parameter(name: str, value: FieldValue) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read_options(fields(**{name: value}))

    told = content(envelope.render_error(caught.value))
    assert (told["status_code"], told["type"]) == (400, "invalid_parameter")
    assert name in told["detail"]


def test_the_last_of_a_repeated_field_counts() -> None:
    repeated = Fields.from_pairs([("size", "nonsense"), ("SIZE", "hd")])

    assert read_options(repeated).max_pixels == 4_000_000


@pytest.mark.parametrize(
    "name", ["image_url", "templateId", "shadow.mode", "background.color", "padding"]
)
def test_a_field_of_other_calls_is_ignored_and_named(name: str) -> None:
    given = Fields.from_pairs([("format", "jpg"), (name, "something")])

    assert read_options(given).output_format is OutputFormat.JPEG
    assert given.names_beyond(NAMES) == [name]


def test_a_field_of_this_call_is_not_named() -> None:
    given = fields(
        format="jpg", channels="rgba", bg_color="red", size="hd", crop="true", despill="true"
    )

    assert given.names_beyond(NAMES) == []


def test_pictures_come_as_files_and_texts_by_one_name_each() -> None:
    assert (set(VOCABULARY.files), set(VOCABULARY.texts)) == ({"image_file"}, {"image_file_b64"})
    assert not VOCABULARY.urls
    assert VOCABULARY.kinds == {BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}
    assert VOCABULARY.file_wins


def test_no_failure_is_without_wording() -> None:
    # One image at most is looked for, and none by its URL.
    never = {"multiple_sources", "invalid_image_url", "image_url_fetch_failed"}
    # Bad options are found by their kind.
    assert set(envelope.WORDINGS) == error_codes() - never - {"invalid_bg_color"}


@pytest.mark.parametrize(("error", "status", "kind"), FAILURES)
def test_each_failure_has_its_status_and_type(error: ApiError, status: int, kind: str) -> None:
    response = envelope.render_error(error)

    told = content(response)
    assert (response.status, told["status_code"], told["type"]) == (status, status, kind)
    assert isinstance(told["detail"], str)
    assert told["detail"]
    assert set(told) - {"error"} == {"detail", "status_code", "type"}
    assert ("error" in told) == (status == 403)


@pytest.mark.parametrize(("error", "status", "kind"), FAILURES)
def test_of_the_account_each_failure_has_a_message_alone(
    error: ApiError, status: int, kind: str
) -> None:
    response = envelope.render_account_error(error)

    of_no_key = isinstance(error, MissingApiKeyError)
    assert response.status == (400 if of_no_key else status)
    message = content(response)["error"]["message"]
    assert content(response) == {"error": {"message": message}}
    assert message
    if kind == "unauthorized":
        assert message == ("apiKey: Required" if of_no_key else "Unauthorized")


@pytest.mark.parametrize(
    "error", [MissingImageError(), UnsupportedMediaTypeError()], ids=lambda error: error.code
)
def test_without_an_image_the_detail_is_the_documented_one(error: ApiError) -> None:
    assert content(envelope.render_error(error))["detail"] == "Please provide an image."


def test_a_refused_key_is_told_in_both_shapes_and_brings_no_challenge() -> None:
    response = envelope.render_error(InvalidApiKeyError())

    assert content(response) == {
        "detail": "Unauthorized",
        "status_code": 403,
        "type": "unauthorized",
        "error": {"message": "Unauthorized"},
    }
    assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize("error", [RateLimitedError(), OverloadedError(), UnavailableError()])
def test_what_passes_says_when_to_try_again(error: ApiError) -> None:
    assert envelope.render_error(error).headers["Retry-After"] == "1"
    assert envelope.render_account_error(error).headers["Retry-After"] == "1"


def content(response: Any) -> Any:
    return json.loads(response.text)
