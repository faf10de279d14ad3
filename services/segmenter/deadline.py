"""The moment after which nobody waits for an answer any more."""

import time
from dataclasses import dataclass
from typing import Self

from segmenter.errors import DeadlinePassedError


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment on this process's monotonic clock, in seconds. Earlier deadlines sort first."""

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Makes the deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def remaining_s(self) -> float:
        """Seconds left, negative once it has passed."""
        return self.at_s - time.monotonic()

    def check(self) -> None:
        """Raises `DeadlinePassedError` once it has passed."""
        if self.remaining_s <= 0:
            raise DeadlinePassedError("The deadline passed before the picture was finished.")
