"""Clients of a running Mattebox over HTTP, with and without asyncio; `grpc` has those over gRPC.

They know nothing of the services but their contracts.
"""

try:
    import httpx  # noqa: F401  asked for first, to say what to install
except ModuleNotFoundError as error:
    message = "mattebox.client needs httpx: pip install '.[client]' in a checkout of Mattebox"
    raise ModuleNotFoundError(message, name=error.name) from error

from mattebox.client.account import Account
from mattebox.client.api_errors import (
    BadRequestError,
    DeadlineError,
    ImageTooLargeError,
    ImageUrlFetchFailedError,
    InternalError,
    InvalidApiKeyError,
    InvalidBase64Error,
    InvalidBgColorError,
    InvalidImageError,
    InvalidImageUrlError,
    InvalidJsonError,
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
from mattebox.client.async_client import AsyncClient
from mattebox.client.client import Client
from mattebox.client.cut_out import CutOut
from mattebox.client.errors import (
    ApiError,
    ConnectionFailedError,
    MatteboxError,
    TimedOutError,
    UntrustedError,
)
from mattebox.client.options import Channels, Format, Options, OptionValues, Size
from mattebox.client.retries import Retries
from mattebox.client.sources import ImageSource
from mattebox.client.writing import write_whole

__all__ = [
    "Account",
    "ApiError",
    "AsyncClient",
    "BadRequestError",
    "Channels",
    "Client",
    "ConnectionFailedError",
    "CutOut",
    "DeadlineError",
    "Format",
    "ImageSource",
    "ImageTooLargeError",
    "ImageUrlFetchFailedError",
    "InternalError",
    "InvalidApiKeyError",
    "InvalidBase64Error",
    "InvalidBgColorError",
    "InvalidImageError",
    "InvalidImageUrlError",
    "InvalidJsonError",
    "MatteboxError",
    "MethodNotAllowedError",
    "MissingApiKeyError",
    "MissingImageError",
    "MultipleSourcesError",
    "NotFoundError",
    "OptionValues",
    "Options",
    "OverloadedError",
    "RateLimitedError",
    "RequestTimeoutError",
    "Retries",
    "Size",
    "SubscriptionInactiveError",
    "TimedOutError",
    "UnavailableError",
    "UnsupportedImageFormatError",
    "UnsupportedMediaTypeError",
    "UntrustedError",
    "write_whole",
]
