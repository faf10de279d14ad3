"""What can go wrong for a caller. Knows no wire."""

from collections.abc import Mapping
from typing import Any

UNKNOWN = "unknown"
"""The code of answers that no Mattebox gives, such as a proxy's page."""


_PASSING = frozenset({408, 429})
_NEVER_IMPLEMENTED = 501


class MatteboxError(Exception):
    """Whatever a client of Mattebox fails with."""

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed later. Cut-outs have no effects: it may be made."""
        return False


class ConnectionFailedError(MatteboxError):
    """The service could not be reached, or the connection broke before its answer was whole."""

    @property
    def may_pass(self) -> bool:
        """It may."""
        return True


class UntrustedError(ConnectionFailedError):
    """What answers shows a certificate that is not trusted: nothing was sent to it."""

    @property
    def may_pass(self) -> bool:
        """It does not, before somebody changes the certificate or who is trusted."""
        return False


class TimedOutError(MatteboxError, TimeoutError):
    """The answer was not there within the client's own ``timeout_s``."""

    @property
    def may_pass(self) -> bool:
        """It may, for those who have more time."""
        return True


class ApiError(MatteboxError):
    """The service answered with an error.

    Attributes:
        code: what is wrong, for programs; the subclasses in `api_errors` have one each.
            ``"unknown"`` where something else than Mattebox answered.
        status: the HTTP status; over gRPC that of the same error over HTTP.
        message: what is wrong, for people.
        request_id: how the service's log calls the request; empty where that is not known.
        details: more about it, often empty; ``details["fields"]`` maps each bad option to what is
            wrong with it.
        retry_after_s: seconds after which to try again, where the service says so.
    """

    code: str = UNKNOWN
    status: int = 500

    def __init__(  # noqa: PLR0913  what errors of the contract tell
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        request_id: str = "",
        details: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        # With this argument alone it can be pickled, so that it comes out of other processes.
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else self.code
        self.status = status if status is not None else self.status
        self.request_id = request_id
        self.details = dict(details or {})
        self.retry_after_s = retry_after_s

    @property
    def may_pass(self) -> bool:
        """Whether the status is 408, 429 or 5xx; other requests fail again however often."""
        passes = self.status in _PASSING or self.status >= 500
        return passes and self.status != _NEVER_IMPLEMENTED

    def __str__(self) -> str:
        facts = [self.code, str(self.status)]
        if self.request_id:
            facts.append(self.request_id)
        return f"{self.message} ({', '.join(facts)})"
