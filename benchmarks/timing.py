"""How long a step takes in this process."""

import statistics
import time
from collections.abc import Callable


def median_ms(step: Callable[[], object], rounds: int) -> float:
    """Runs a step so many times; returns the median of its wall times in milliseconds."""
    seconds = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started_s)
    return statistics.median(seconds) * 1000
