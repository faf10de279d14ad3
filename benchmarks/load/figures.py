"""Sums up what was measured. Pure."""

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load.outcome import Outcome

OK = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """A median, with the smallest and the largest of what it is of."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """Sums up values, of which there must be one at least."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        """Writes the median and, where they differ, the ends."""
        value, low, high = (f"{each:.{digits}f}" for each in (self.value, self.low, self.high))
        return value if low == high else f"{value} ({low} to {high})"


def percentile(values: Sequence[float], percent: float) -> float:
    """Gives the smallest value that at least so many percent of all do not exceed.

    The nearest rank, so that every percentile is a latency that was seen.

    Raises:
        ValueError: there are no values, or `percent` is not in 0 < percent <= 100.
    """
    if not values or not 0 < percent <= 100:
        raise ValueError("a percentile needs values, and lies above 0 and up to 100")
    # Rounded first, so that 99.9 % of 1,000 is the 999th, whatever binary fractions say.
    rank = math.ceil(round(percent / 100 * len(values), 9))
    return sorted(values)[rank - 1]


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What a load came to. Latencies are those of answers with 200; NaN where there is none."""

    answers: int
    failures: Mapping[str, int]
    """By status code, or by what failed before there was one."""
    seconds: float
    """From the first start to the last answer."""
    goodput_per_s: float
    """Answers with 200 a second."""
    p50_s: float
    p90_s: float
    p99_s: float
    max_s: float
    latest_send_s: float
    """How late after its scheduled start the latest request was sent: the client's own doing."""


def summed_up(outcomes: Sequence[Outcome]) -> LoadFigures:
    """Sums up a load of one request at least."""
    good = [outcome for outcome in outcomes if outcome.status == str(OK)]
    bad = Counter(outcome.status for outcome in outcomes if outcome.status != str(OK))
    begun_s = min(outcome.scheduled_s for outcome in outcomes)
    seconds = max(outcome.ended_s for outcome in outcomes) - begun_s
    latencies_s = [outcome.latency_s for outcome in good]
    p50_s, p90_s, p99_s, max_s = (
        percentile(latencies_s, percent) if latencies_s else math.nan
        for percent in (50, 90, 99, 100)
    )
    return LoadFigures(
        answers=len(good),
        failures=dict(sorted(bad.items())),
        seconds=seconds,
        goodput_per_s=len(good) / seconds,
        p50_s=p50_s,
        p90_s=p90_s,
        p99_s=p99_s,
        max_s=max_s,
        latest_send_s=max(outcome.sent_s - outcome.scheduled_s for outcome in outcomes),
    )
