"""What is wrong with a key, or has been used up of what it may have."""

from gateway.errors.api_error import ApiError, RetryLaterError


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


class RateLimitedError(RetryLaterError):
    """The key has used up what its plan allows for now."""

    status = 429
    code = "rate_limited"
    default_message = "Too many requests for this API key. Try again later."
