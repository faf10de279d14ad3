"""What is wrong on our side."""

from gateway.errors.api_error import ApiError, RetryLaterError


class InternalError(ApiError):
    """Something failed that the caller can neither know nor change."""


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
