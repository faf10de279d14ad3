"""What speed and memory have to reach, and how that is judged."""

import pytest
from benchmarks.load.figures import Figure
from benchmarks.performance.budgets import (
    BUDGETS,
    Budget,
    Grade,
    all_met,
    budget_table,
    judged,
)

AT_LEAST = Budget("faster", "ratio", reach=5, stretch=10)
AT_MOST = Budget("smaller", "ratio", reach=1.5, stretch=1.0, at_most=True)


def grade(budget: Budget, value: float) -> Grade:
    [verdict] = judged({"ratio": Figure(value, 0, 100)}, [budget])
    return verdict.grade


@pytest.mark.parametrize(
    ("budget", "value", "expected"),
    [
        (AT_LEAST, 4.99, Grade.MISSED),
        (AT_LEAST, 5, Grade.REACH),
        (AT_LEAST, 9.99, Grade.REACH),
        (AT_LEAST, 10, Grade.STRETCH),
        (AT_MOST, 1.51, Grade.MISSED),
        (AT_MOST, 1.5, Grade.REACH),
        (AT_MOST, 1.01, Grade.REACH),
        (AT_MOST, 1.0, Grade.STRETCH),
        (AT_LEAST, float("nan"), Grade.MISSED),
        (AT_MOST, float("nan"), Grade.MISSED),
    ],
)
def test_the_median_is_held_against_both_bounds(
    budget: Budget, value: float, expected: Grade
) -> None:
    assert grade(budget, value) is expected


def test_without_a_stretch_there_is_nothing_beyond_reach() -> None:
    assert grade(Budget("grows", "ratio", reach=1.1, at_most=True), 0) is Grade.REACH


def test_what_was_not_measured_is_not_met() -> None:
    verdicts = judged({}, [AT_LEAST])
    assert [verdict.grade for verdict in verdicts] == [Grade.NOT_MEASURED]
    assert not all_met(verdicts)


def test_one_miss_fails_all() -> None:
    met, missed = (judged({"ratio": Figure.of([value])}, [AT_LEAST]) for value in (5, 4))
    assert all_met(met)
    assert not all_met([*met, *missed])


def test_the_table_tells_bounds_figure_and_grade() -> None:
    text = budget_table(judged({"ratio": Figure(4.0, 3.5, 4.25)}, [AT_LEAST, AT_MOST]))
    _, _, first, second = text.splitlines()
    assert [cell.strip() for cell in first.split("|")[1:-1]] == [
        "faster", ">= 5", ">= 10", "4.00 (3.50 to 4.25)", "**missed**",
    ]  # fmt: skip
    assert [cell.strip() for cell in second.split("|")[2:4]] == ["<= 1.5", "<= 1"]


def test_no_two_budgets_are_of_one_figure() -> None:
    names = [budget.figure for budget in BUDGETS]
    assert len(names) == len(set(names))


def test_stretches_lie_beyond_reach() -> None:
    for budget in BUDGETS:
        if budget.stretch is not None:
            assert (budget.stretch < budget.reach) is budget.at_most
