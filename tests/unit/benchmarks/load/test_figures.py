"""Sums of what was measured."""

import math

import pytest
from benchmarks.load.figures import Figure, percentile, summed_up
from benchmarks.load.outcome import Outcome


def outcome(
    scheduled_s: float, ended_s: float, *, sent_s: float | None = None, status: str = "200"
) -> Outcome:
    return Outcome(status, scheduled_s, scheduled_s if sent_s is None else sent_s, ended_s)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(1, 1), (50, 50), (50.1, 51), (90, 90), (99, 99), (99.1, 100), (100, 100)],
)
def test_a_percentile_is_the_nearest_rank(percent: float, expected: int) -> None:
    values = list(range(100, 0, -1))
    assert percentile(values, percent) == expected


def test_binary_fractions_move_no_rank() -> None:
    # 0.07 x 100 is 7.000000000000001 in binary.
    assert percentile(range(1, 101), 7) == 7


def test_one_value_is_every_percentile() -> None:
    assert {percentile([3.0], percent) for percent in (0.1, 50, 100)} == {3.0}


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 100.1)])
def test_what_is_no_percentile_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)


def test_a_stall_counts_for_all_that_were_due_in_it() -> None:
    """One answer takes ten seconds; the nine after it are sent late and answered in no time."""
    late = [outcome(float(due_s), 10.0, sent_s=10.0) for due_s in range(1, 10)]
    figures = summed_up([outcome(0.0, 10.0), *late])
    assert figures.p50_s == 5.0
    assert figures.max_s == 10.0
    assert figures.latest_send_s == 9.0


def test_goodput_counts_answers_with_200_only() -> None:
    outcomes = [outcome(0, 1), outcome(0, 2), outcome(0, 4, status="503")]
    figures = summed_up([*outcomes, outcome(0, 3, status="TimeoutError")])
    assert figures.goodput_per_s == 2 / 4
    assert figures.answers == 2
    assert figures.failures == {"503": 1, "TimeoutError": 1}
    assert figures.max_s == 2


def test_no_answer_at_all_has_no_latency() -> None:
    figures = summed_up([outcome(0, 1, status="503")])
    assert figures.goodput_per_s == 0
    assert math.isnan(figures.p50_s)


def test_a_figure_is_a_median_with_its_ends() -> None:
    assert Figure.of([3.0, 1.0, 8.0]) == Figure(3.0, 1.0, 8.0)
    assert Figure.of([3.0, 1.0, 8.0]).text(1) == "3.0 (1.0 to 8.0)"
    assert Figure.of([3.0]).text(2) == "3.00"
