"""Means with the range that chance leaves them. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 4000
_SEED = 20_240_501
_LOW, _HIGH = 2.5, 97.5

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval.

    One sample alone has no interval, and no sample at all is not a number.
    """

    value: float
    low: float | None
    high: float | None

    def text(self, digits: int) -> str:
        """Writes the figure, and behind it the interval."""
        if self.low is None or self.high is None:
            return f"{self.value:.{digits}f}"
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def by_subject(values: Sequence[float], subjects: Sequence[str]) -> NDArray[np.float64]:
    """Takes the mean of each subject's values, in the order in which subjects first appear.

    Pictures of one subject are no independent samples.
    """
    grouped: dict[str, list[float]] = {}
    for value, subject in zip(values, subjects, strict=True):
        grouped.setdefault(subject, []).append(value)
    return np.array([np.mean(each) for each in grouped.values()])


def mean(samples: NDArray[np.float64]) -> Interval:
    """Computes the mean of samples."""
    return _bootstrap(samples[:, None], lambda drawn: drawn[..., 0].mean(axis=-1))


def ratio_of_means(samples: NDArray[np.float64], reference: NDArray[np.float64]) -> Interval:
    """Computes the mean of samples over that of the reference; the two are drawn in pairs."""

    def ratio(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        means = drawn.mean(axis=-2)
        quotient: NDArray[np.float64] = means[..., 0] / means[..., 1]
        return quotient

    return _bootstrap(np.stack([samples, reference], axis=-1), ratio)


def mean_difference(samples: NDArray[np.float64], reference: NDArray[np.float64]) -> Interval:
    """Computes how far the mean of samples lies above that of the reference, drawn in pairs."""
    return mean(samples - reference)


def _bootstrap(samples: NDArray[np.float64], statistic: Statistic) -> Interval:
    """Draws samples anew, with replacement, [N, columns]; takes percentiles of the statistic.

    B. Efron, Bootstrap Methods: Another Look at the Jackknife, 1979.
    """
    count = len(samples)
    value = float(statistic(samples)) if count else math.nan
    if count < 2:
        return Interval(value, None, None)
    drawn = np.random.default_rng(_SEED).integers(0, count, (_RESAMPLES, count))
    low, high = np.percentile(statistic(samples[drawn]), [_LOW, _HIGH])
    return Interval(value, float(low), float(high))
