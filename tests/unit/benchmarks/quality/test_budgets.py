"""What figures have to reach, and how that is judged."""

from pathlib import Path

import pytest
from benchmarks.quality import peer
from benchmarks.quality.budgets import BUDGETS, Budget, Quantity, judged
from benchmarks.quality.cases import SETS, Case
from benchmarks.quality.pasted import SET
from benchmarks.quality.scores import OURS, Score, Scores


def scores(ours: float, theirs: float, *, clear: bool = True) -> Scores:
    """Two pictures, on both of which the same was found."""
    cases = [Case("set", name, name, Path(), Path()) for name in ("one", "two")]
    found = {OURS: ours, peer.DEFAULT: theirs}
    return Scores(
        [
            Score(case, method, clear=clear, figures={"figure": value})
            for case in cases
            for method, value in found.items()
        ]
    )


def is_met(budget: Budget, measured: Scores) -> bool:
    [verdict] = judged(measured, [budget])
    return verdict.met


@pytest.mark.parametrize(("ours", "met"), [(0.5, True), (0.51, False)])
def test_a_ratio_is_ours_over_theirs(ours: float, met: bool) -> None:
    budget = Budget("half of theirs", "set", "figure", Quantity.RATIO, 0.5)
    assert is_met(budget, scores(ours, 1.0)) is met


@pytest.mark.parametrize(("ours", "met"), [(21.0, True), (20.9, False)])
def test_a_gain_is_ours_less_theirs(ours: float, met: bool) -> None:
    budget = Budget("one more", "set", "figure", Quantity.GAIN, 1.0, at_most=False)
    assert is_met(budget, scores(ours, 20.0)) is met


@pytest.mark.parametrize(("theirs", "met"), [(35.0, True), (34.9, False)])
def test_a_mean_is_that_of_the_method_named(theirs: float, met: bool) -> None:
    budget = Budget("35", "set", "figure", Quantity.MEAN, 35.0, at_most=False, method=peer.DEFAULT)
    assert is_met(budget, scores(0.0, theirs)) is met


def test_a_budget_for_clear_subjects_is_missed_where_there_are_none() -> None:
    budget = Budget("clear", "set", "figure", Quantity.MEAN, 1.0, clear_only=True)
    assert is_met(budget, scores(0.0, 0.0))
    assert not is_met(budget, scores(0.0, 0.0, clear=False))


def test_a_set_that_was_not_measured_is_not_judged() -> None:
    budget = Budget("elsewhere", "other", "figure", Quantity.MEAN, 1.0)
    assert judged(scores(0.0, 0.0), [budget]) == []


def test_no_set_goes_without_a_budget() -> None:
    assert {budget.set_name for budget in BUDGETS} == {*SETS, SET}
