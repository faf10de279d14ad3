"""What all failures have that a caller can be told of."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal


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


class RetryLaterError(ApiError):
    """A failure that passes; ``retry_after_s`` says when to try again."""

    status = 503

    def __init__(self, message: str | None = None, *, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = max(1, math.ceil(retry_after_s))
        super().__init__(message, headers={"Retry-After": str(self.retry_after_s)})
