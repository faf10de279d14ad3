"""Remembers that something is down, so that it is asked again rarely and by one caller alone."""

from collections.abc import Callable


class Circuit:
    """Closed while what it guards answers; open for ``retry_s`` after it did not.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, retry_s: float, clock: Callable[[], float]) -> None:
        self._retry_s = retry_s
        self._clock = clock
        self._retry_at_s: float | None = None
        self._round = 0

    @property
    def is_open(self) -> bool:
        """Whether the last attempt failed."""
        return self._retry_at_s is not None

    def begin(self) -> int | None:
        """Returns the number of an attempt, whose outcome is to be told, or None for no attempt."""
        if self._retry_at_s is not None:
            if self._clock() < self._retry_at_s:
                return None
            # One attempt in this round: the others wait for its outcome, or its time to pass.
            self._start_round()
        return self._round

    def succeed(self, attempt: int) -> None:
        """Closes the circuit, unless others have failed since that attempt began."""
        if attempt == self._round:
            self._retry_at_s = None

    def fail(self, attempt: int) -> None:
        """Opens the circuit, unless another attempt has done so since that one began."""
        if attempt == self._round:
            self._start_round()

    def _start_round(self) -> None:
        self._round += 1
        self._retry_at_s = self._clock() + self._retry_s
