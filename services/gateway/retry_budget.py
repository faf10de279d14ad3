"""Bounds how much failing segmenters' load grows by asking again (gRPC's retry throttling)."""

_FULL_TOKENS = 10.0
_TOKENS_PER_SUCCESS = 0.1


class RetryBudget:
    """Tokens: a failure takes one, a success gives back a tenth; at half or less, no retries.

    Source: gRPC A6, client retries, "throttling configuration".
    """

    def __init__(self) -> None:
        self._tokens = _FULL_TOKENS

    def note_success(self) -> None:
        """Counts a question that a segmenter answered, whatever it said."""
        self._tokens = min(_FULL_TOKENS, self._tokens + _TOKENS_PER_SUCCESS)

    def note_failure(self) -> None:
        """Counts a call that found a segmenter away."""
        self._tokens = max(0.0, self._tokens - 1)

    @property
    def allows_retry(self) -> bool:
        """Whether one more attempt may be made."""
        return self._tokens > _FULL_TOKENS / 2
