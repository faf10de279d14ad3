"""The failures a caller can be told of, each with its HTTP status and code. Knows no framework.

They stand by whose they are: the request's, the picture's, the key's, and our own.
"""

from gateway.errors.api_error import (
    ApiError,
    RetryLaterError,
)
from gateway.errors.key import (
    InvalidApiKeyError,
    MissingApiKeyError,
    RateLimitedError,
    SubscriptionInactiveError,
)
from gateway.errors.picture import (
    URL_CHARACTERS,
    FetchFailedError,
    ImageTooLargeError,
    InvalidImageError,
    InvalidImageUrlError,
    UnsupportedImageFormatError,
)
from gateway.errors.request import (
    BadRequestError,
    InvalidBackgroundError,
    InvalidBase64Error,
    InvalidFieldsError,
    InvalidJsonError,
    InvalidOptionError,
    MethodNotAllowedError,
    MissingImageError,
    MultipleBackgroundsError,
    MultipleSourcesError,
    NotFoundError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)
from gateway.errors.service import (
    DeadlineError,
    InternalError,
    OverloadedError,
    UnavailableError,
)

__all__ = [
    "URL_CHARACTERS",
    "ApiError",
    "BadRequestError",
    "DeadlineError",
    "FetchFailedError",
    "ImageTooLargeError",
    "InternalError",
    "InvalidApiKeyError",
    "InvalidBackgroundError",
    "InvalidBase64Error",
    "InvalidFieldsError",
    "InvalidImageError",
    "InvalidImageUrlError",
    "InvalidJsonError",
    "InvalidOptionError",
    "MethodNotAllowedError",
    "MissingApiKeyError",
    "MissingImageError",
    "MultipleBackgroundsError",
    "MultipleSourcesError",
    "NotFoundError",
    "OverloadedError",
    "RateLimitedError",
    "RequestTimeoutError",
    "RetryLaterError",
    "SubscriptionInactiveError",
    "UnavailableError",
    "UnsupportedImageFormatError",
    "UnsupportedMediaTypeError",
]
