"""Bounds how much the load of what fails grows by asking it again (gRPC's retry throttling)."""

_FULL_TOKENS = 10.0
_TOKENS_PER_SUCCESS = 0.1


class RetryBudget:
    """Tokens: a failure takes one, a success gives back a tenth; at half or less, no retries.

    Source: gRPC A6, client retries, "throttling configuration".
    """

    def __init__(self) -> None:
        self._tokens = _FULL_TOKENS

    def note_success(self) -> None:
        """Counts a call that was answered, whatever with."""
        self._tokens = min(_FULL_TOKENS, self._tokens + _TOKENS_PER_SUCCESS)

    def note_failure(self) -> None:
        """Counts a call that found nobody."""
        self._tokens = max(0.0, self._tokens - 1)

    @property
    def allows_retry(self) -> bool:
        """Whether one more attempt may be made."""
        return self._tokens > _FULL_TOKENS / 2
