"""The errors of the contract: one class for each code."""

from collections.abc import Mapping

from mattebox.client.errors import ApiError


class BadRequestError(ApiError):
    """An option has a bad value, or the request breaks a rule without a code of its own."""

    code = "bad_request"
    status = 400


class MissingImageError(ApiError):
    """The request brought no image, or an empty one."""

    code = "missing_image"
    status = 400


class MultipleSourcesError(ApiError):
    """The request brought several images."""

    code = "multiple_sources"
    status = 400


class InvalidImageError(ApiError):
    """The bytes are no image, or a truncated or broken one."""

    code = "invalid_image"
    status = 400


class InvalidBase64Error(ApiError):
    """The text is no base64. These clients send none."""

    code = "invalid_base64"
    status = 400


class InvalidBgColorError(ApiError):
    """``bg_color`` is no colour."""

    code = "invalid_bg_color"
    status = 400


class InvalidJsonError(ApiError):
    """The body is no JSON object. These clients send none."""

    code = "invalid_json"
    status = 400


class InvalidImageUrlError(ApiError):
    """Images are not fetched from such a URL, or from none."""

    code = "invalid_image_url"
    status = 400


class ImageUrlFetchFailedError(ApiError):
    """The service could not fetch the image."""

    code = "image_url_fetch_failed"
    status = 400


class MissingApiKeyError(ApiError):
    """The client has no key."""

    code = "missing_api_key"
    status = 401


class InvalidApiKeyError(ApiError):
    """The key is unknown, malformed, expired or revoked."""

    code = "invalid_api_key"
    status = 401


class SubscriptionInactiveError(ApiError):
    """The account of the key is suspended."""

    code = "subscription_inactive"
    status = 403


class NotFoundError(ApiError):
    """There is nothing at this path: the URL names a Mattebox and something after it."""

    code = "not_found"
    status = 404


class MethodNotAllowedError(ApiError):
    """The path takes other methods: the URL names a Mattebox and something after it."""

    code = "method_not_allowed"
    status = 405


class RequestTimeoutError(ApiError):
    """The image arrived too slowly."""

    code = "request_timeout"
    status = 408


class ImageTooLargeError(ApiError):
    """The image has too many bytes or pixels."""

    code = "image_too_large"
    status = 413


class UnsupportedMediaTypeError(ApiError):
    """The body has a type or an encoding that is not read."""

    code = "unsupported_media_type"
    status = 415


class UnsupportedImageFormatError(ApiError):
    """It is an image, but of a format that is not read."""

    code = "unsupported_image_format"
    status = 415


class RateLimitedError(ApiError):
    """The key has used up what it may do for now; see ``retry_after_s``."""

    code = "rate_limited"
    status = 429


class InternalError(ApiError):
    """Something failed on the server."""

    code = "internal_error"
    status = 500


class OverloadedError(ApiError):
    """Too much is being done; see ``retry_after_s``."""

    code = "overloaded"
    status = 503


class UnavailableError(ApiError):
    """Something behind the service is away; see ``retry_after_s``."""

    code = "unavailable"
    status = 503


class DeadlineError(ApiError, TimeoutError):
    """The image was not finished within the time that the service has for it."""

    code = "timeout"
    status = 504


BY_CODE: Mapping[str, type[ApiError]] = {
    each.code: each
    for each in (
        BadRequestError,
        MissingImageError,
        MultipleSourcesError,
        InvalidImageError,
        InvalidBase64Error,
        InvalidBgColorError,
        InvalidJsonError,
        InvalidImageUrlError,
        ImageUrlFetchFailedError,
        MissingApiKeyError,
        InvalidApiKeyError,
        SubscriptionInactiveError,
        NotFoundError,
        MethodNotAllowedError,
        RequestTimeoutError,
        ImageTooLargeError,
        UnsupportedMediaTypeError,
        UnsupportedImageFormatError,
        RateLimitedError,
        InternalError,
        OverloadedError,
        UnavailableError,
        DeadlineError,
    )
}
"""The class for each code of the contract."""
