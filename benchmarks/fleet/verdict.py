"""What callers saw of a fault, and whether that is within what is promised. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load.outcome import Outcome

RECOVERY_S = 10.0
NORMAL_S = 3.0
"""A request that takes longer was not answered as before."""

_SILENT_503 = "503 without Retry-After"
_DOCUMENTED = frozenset({"200", "503", "504"})


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one fault."""

    statuses: Mapping[str, int]
    """Outcomes by status, or by what failed before there was one."""
    answers: int
    """With 200."""
    lasted_s: float
    recovery_s: float
    """From its end to the start of the last request that was not answered as before."""
    undocumented: int
    """Outcomes that are not documented, and not of the requests that may break."""

    @property
    def in_bounds(self) -> bool:
        """Whether it is as promised."""
        return self.undocumented == 0 and self.recovery_s <= RECOVERY_S


def seen_of(
    outcomes: Sequence[Outcome], began_s: float, ended_s: float, breakable: int = 0
) -> Seen:
    """Sums up a load that went on through a fault; `breakable` requests may break, once each."""
    statuses = Counter(map(_named, outcomes))
    broken = sum(count for status, count in statuses.items() if status not in _DOCUMENTED)
    late_s = [
        outcome.scheduled_s - ended_s
        for outcome in outcomes
        if outcome.status != "200" or outcome.latency_s > NORMAL_S
    ]
    return Seen(
        statuses=dict(sorted(statuses.items())),
        answers=statuses["200"],
        lasted_s=ended_s - began_s,
        recovery_s=max(0.0, *late_s, 0.0),
        undocumented=max(0, broken - breakable),
    )


def _named(outcome: Outcome) -> str:
    if outcome.status == "503" and outcome.retry_after_s < 1:
        return _SILENT_503
    return outcome.status
