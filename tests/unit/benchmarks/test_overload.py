"""What counts as goodput under overload."""

from benchmarks.load.outcome import Outcome
from benchmarks.overload import RAMP_S, goodput_per_s


def answered(status: str, ended_s: float) -> Outcome:
    return Outcome(status, scheduled_s=0.0, sent_s=0.0, ended_s=ended_s)


def test_goodput_is_what_is_answered_while_requests_come_without_the_beginning() -> None:
    outcomes = [
        answered("200", 100 + RAMP_S - 0.1),
        answered("200", 100 + RAMP_S),
        answered("503", 100 + RAMP_S + 1),
        answered("200", 110),
        answered("200", 110.1),
    ]

    assert goodput_per_s(outcomes, begun_s=100, seconds=10) == 2 / (10 - RAMP_S)
