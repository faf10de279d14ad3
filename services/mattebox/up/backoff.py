"""How long to wait before a child is started again."""

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_LASTING_S = 60.0


class Backoff:
    """Doubles the wait with each end that follows soon on a start."""

    def __init__(self) -> None:
        self._next_delay_s = _FIRST_DELAY_S

    def delay_s(self, ran_s: float) -> float:
        """Says how long to wait after a run that lasted `ran_s`."""
        if ran_s >= _LASTING_S:
            self._next_delay_s = _FIRST_DELAY_S
        delay_s = self._next_delay_s
        self._next_delay_s = min(2 * delay_s, _LONGEST_DELAY_S)
        return delay_s
