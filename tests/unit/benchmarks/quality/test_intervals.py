"""Means with the range that chance leaves them."""

import numpy as np
import pytest
from benchmarks.quality import intervals


def test_pictures_of_one_subject_are_one_sample() -> None:
    means = intervals.by_subject([1, 2, 3, 5], ["cat", "dog", "cat", "dog"])
    assert means.tolist() == [2.0, 3.5]


def test_one_sample_alone_has_no_interval() -> None:
    found = intervals.mean(np.array([0.25]))
    assert (found.value, found.low, found.high) == (0.25, None, None)
    assert found.text(2) == "0.25"


def test_samples_that_agree_leave_nothing_to_chance() -> None:
    found = intervals.mean(np.full(6, 0.5))
    assert (found.low, found.high) == (0.5, 0.5)
    assert found.text(1) == "0.5 (0.5 to 0.5)"


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    samples = np.random.default_rng(3).normal(10, 2, 400)
    found = intervals.mean(samples)
    reach = 1.96 * samples.std() / 20
    assert found.low == pytest.approx(samples.mean() - reach, abs=0.03)
    assert found.high == pytest.approx(samples.mean() + reach, abs=0.03)


def test_a_ratio_is_drawn_in_pairs() -> None:
    theirs = np.array([0.1, 1.0, 10.0])
    found = intervals.ratio_of_means(theirs * 0.9, theirs)
    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.9, 0.9))


def test_a_difference_is_drawn_in_pairs() -> None:
    theirs = np.array([10.0, 20.0, 40.0])
    found = intervals.mean_difference(theirs + 1.0, theirs)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


def test_the_same_samples_give_the_same_interval() -> None:
    samples = np.random.default_rng(4).random(9)
    assert intervals.mean(samples) == intervals.mean(samples)
