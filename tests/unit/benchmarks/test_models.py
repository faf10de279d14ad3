from dataclasses import replace

import numpy as np
import pytest
from benchmarks.models import Comparison, compare
from numpy.typing import NDArray

WITHIN = Comparison(
    pictures=2,
    mean_difference=0.003,
    median_difference=0.001,
    largest_difference=0.05,
    median_iou=0.99,
    smallest_iou=0.5,
    error=0.02,
    reference_error=0.02,
)


def matte(subject: float, rest: float = 0.0) -> NDArray[np.float32]:
    """Half of it subject."""
    alpha_f32 = np.full((4, 4), rest, np.float32)
    alpha_f32[:2] = subject
    return alpha_f32


def test_mattes_are_compared_picture_by_picture() -> None:
    truth = [matte(1.0), matte(1.0), matte(1.0)]
    reference = [matte(1.0), matte(0.8), matte(1.0)]
    found = [matte(1.0), matte(0.9), matte(1.0, rest=1.0)]

    outcome = compare(found, reference, truth)

    assert outcome.pictures == 3
    assert outcome.mean_difference == pytest.approx((0 + 0.05 + 0.5) / 3)
    assert outcome.median_difference == pytest.approx(0.05)
    assert outcome.largest_difference == pytest.approx(0.5)
    assert (outcome.median_iou, outcome.smallest_iou) == (1.0, 0.5)
    assert outcome.error == pytest.approx((0 + 0.05 + 0.5) / 3)
    assert outcome.reference_error == pytest.approx((0 + 0.1 + 0) / 3)


def test_what_is_at_the_budget_is_within_it() -> None:
    assert WITHIN.problems() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"mean_difference": 0.0031}, "differs by 0.0031, at most 0.003"),
        ({"median_iou": 0.9899}, "has a median IoU of 0.9899, at least 0.99"),
        ({"error": 0.0201}, "errs by 0.0201, its reference by 0.0200"),
    ],
)
def test_what_is_past_the_budget_is_told(change: dict[str, float], problem: str) -> None:
    assert replace(WITHIN, **change).problems() == [problem]  # type: ignore[arg-type]
