"""The failures a caller can be told of, each with its HTTP status and code. Knows no framework."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

URL_CHARACTERS = 2048
"""The most that the URL of a picture has, unless a dialect lets it have more."""


class ApiError(Exception):
    """A failure that a caller is told of.

    ``str(error)`` is the public sentence; ``detail`` and ``origin`` are for the log only.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    default_message: ClassVar[str] = "Something failed on our side. Try again later."

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.default_message)
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        self.detail: str | None = None
        self.origin: Literal["gateway", "segmenter"] = "gateway"


class BadRequestError(ApiError):
    """The request breaks a rule for which there is no code of its own."""

    status = 400
    code = "bad_request"
    default_message = "The request is malformed."


class InvalidFieldsError(BadRequestError):
    """Option fields hold values that are not accepted; the first gives the message."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(next(iter(messages.values())), details={"fields": dict(messages)})


class InvalidOptionError(InvalidFieldsError):
    """What the options ask for does not fit the picture, or is out of bounds.

    ``field`` is the option by the name that it has at the segmenter, ``problem`` what is wrong with
    it where there is more than one possibility.
    """

    def __init__(self, field: str, message: str, problem: str = "") -> None:
        super().__init__({field: message})
        self.field = field
        self.problem = problem


class MissingImageError(ApiError):
    """The request brings no image."""

    status = 400
    code = "missing_image"
    default_message = "Missing image. Send it as the multipart field image_file."


class MultipleSourcesError(ApiError):
    """The request brings more than one image."""

    status = 400
    code = "multiple_sources"
    default_message = "More than one image was sent. Send exactly one."


class MultipleBackgroundsError(MultipleSourcesError):
    """The request brings more than one thing to put behind the subject."""

    default_message = "More than one background was sent. Send one at most."


class InvalidImageError(ApiError):
    """The bytes are no image, or a broken one."""

    status = 400
    code = "invalid_image"
    default_message = "The file is not an image, or it is truncated or broken."


class InvalidBase64Error(ApiError):
    """The text that should be an image is no base64; ``field`` holds it."""

    status = 400
    code = "invalid_base64"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not valid base64.")


class InvalidBackgroundError(InvalidFieldsError):
    """The background is no colour."""

    code = "invalid_bg_color"


class InvalidJsonError(ApiError):
    """The body says it is JSON and is not, or is no JSON object."""

    status = 400
    code = "invalid_json"
    default_message = "The request body is not a valid JSON object."


class InvalidImageUrlError(ApiError):
    """The URL is none that images are fetched from, whatever stands behind it."""

    status = 400
    code = "invalid_image_url"
    default_message = (
        f"image_url must be an http or https URL of at most {URL_CHARACTERS} characters."
    )


class FetchFailedError(ApiError):
    """The image could not be had from its URL. Refused and unreachable addresses read the same."""

    status = 400
    code = "image_url_fetch_failed"
    default_message = "cannot download image_url"

    @classmethod
    def with_status(cls, status: int) -> "FetchFailedError":
        """The failure of a public host that answered with ``status``."""
        return cls(f"cannot download image_url (HTTP {status})")


class MissingApiKeyError(ApiError):
    """The request brings no key."""

    status = 401
    code = "missing_api_key"
    default_message = "Missing API key."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="mattebox"'})


class InvalidApiKeyError(ApiError):
    """The key is none of ours, or no longer one."""

    status = 401
    code = "invalid_api_key"
    default_message = "Invalid or revoked API key."

    def __init__(self) -> None:
        challenge = 'Bearer realm="mattebox", error="invalid_token"'
        super().__init__(headers={"WWW-Authenticate": challenge})


class SubscriptionInactiveError(ApiError):
    """The key is right, and its account is suspended."""

    status = 403
    code = "subscription_inactive"
    default_message = "The account of this API key is suspended."


class NotFoundError(ApiError):
    """There is nothing at this path."""

    status = 404
    code = "not_found"
    default_message = "There is nothing at this path."


class MethodNotAllowedError(ApiError):
    """The path does not take this method; ``allowed`` lists those it takes."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This path takes {allowed} only.", headers={"Allow": allowed})


class RequestTimeoutError(ApiError):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"
    default_message = "The request body arrived too slowly. Send it again."


class ImageTooLargeError(ApiError):
    """The image has too many bytes or pixels."""

    status = 413
    code = "image_too_large"
    default_message = "image too large."
    has_too_many_pixels = False

    @classmethod
    def in_bytes(cls, limit_bytes: int) -> "ImageTooLargeError":
        """The refusal of more than ``limit_bytes`` of encoded image."""
        return cls(f"image too large (>{limit_bytes / 2**20:g} MB).")

    @classmethod
    def in_pixels(cls, limit_pixels: int) -> "ImageTooLargeError":
        """The refusal of more than ``limit_pixels``."""
        error = cls(f"image exceeds {limit_pixels} pixels.")
        error.has_too_many_pixels = True
        return error


class UnsupportedMediaTypeError(ApiError):
    """The body has a type or an encoding that is not read here."""

    status = 415
    code = "unsupported_media_type"
    default_message = "Unsupported content type. Send multipart/form-data."

    @property
    def names_encoding(self) -> bool:
        """Whether the sentence tells of an encoding, and the type is one that may be read."""
        return str(self) != self.default_message


class UnsupportedImageFormatError(ApiError):
    """The image has a format that is not accepted."""

    status = 415
    code = "unsupported_image_format"
    default_message = "This image format is not supported."


class InternalError(ApiError):
    """Something failed that the caller can neither know nor change."""


class RetryLaterError(ApiError):
    """A failure that passes; ``retry_after_s`` says when to try again."""

    status = 503

    def __init__(self, message: str | None = None, *, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = max(1, math.ceil(retry_after_s))
        super().__init__(message, headers={"Retry-After": str(self.retry_after_s)})


class RateLimitedError(RetryLaterError):
    """The key has used up what its plan allows for now."""

    status = 429
    code = "rate_limited"
    default_message = "Too many requests for this API key. Try again later."


class OverloadedError(RetryLaterError):
    """There is more work than can be taken on now."""

    code = "overloaded"
    default_message = "Too many requests are being served right now. Try again shortly."


class UnavailableError(RetryLaterError):
    """What does the work cannot be reached or is restarting."""

    code = "unavailable"
    default_message = "The service is temporarily unavailable. Try again shortly."


class DeadlineError(ApiError):
    """The answer was not ready in time."""

    status = 504
    code = "timeout"
    default_message = "The image was not finished in time. Try again later."
