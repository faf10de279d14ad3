"""How long to wait before a child is started again."""

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_LONGEST_DELAY_AFTER_SERVING_S = 4.0
_LASTING_S = 30.0


class Backoff:
    """Lets a child start again at once, and doubles the wait while it goes on to end soon.

    One that was up serves callers for a while each time, so that it never waits for long; one
    that does not even come up would only take time from the others.
    """

    def __init__(self) -> None:
        self._next_delay_s = 0.0

    def delay_s(self, up_s: float) -> float:
        """Says how long to wait after a run that was up for `up_s`, 0 where it never was."""
        if up_s >= _LASTING_S:
            self._next_delay_s = 0.0
        longest_s = _LONGEST_DELAY_AFTER_SERVING_S if up_s > 0 else _LONGEST_DELAY_S
        delay_s = min(self._next_delay_s, longest_s)
        self._next_delay_s = max(2 * delay_s, _FIRST_DELAY_S)
        return delay_s
