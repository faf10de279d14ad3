"""What happened lately, by whom, and nothing of what is longer ago."""

import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lately(Generic[Value]):
    """The last value of each key, for so many seconds after it was noted."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._clock = clock
        self._last: dict[str, tuple[float, Value]] = {}
        """When it was noted and what. What was noted first stands first."""

    def __len__(self) -> int:
        return len(self._last)

    def note(self, key: str, value: Value) -> None:
        """Remembers this of a key from now on."""
        self._last.pop(key, None)
        self._last[key] = (self._clock(), value)
        while self.age_s(oldest := next(iter(self._last))) >= self._kept_s:
            del self._last[oldest]

    def age_s(self, key: str) -> float:
        """Tells how long ago something was noted; infinity where nothing is remembered."""
        noted = self._last.get(key)
        return math.inf if noted is None else self._clock() - noted[0]

    def get(self, key: str) -> Value | None:
        """Tells what was noted lately."""
        return self._last[key][1] if self.age_s(key) < self._kept_s else None
