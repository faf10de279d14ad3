"""Whether memory grows with the number of requests: a robust slope, and the judgement. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_SAMPLES = 8
"""With fewer there is no telling: the interval would hold nearly everything."""

_Z_95 = 1.959964
_WARM_UP = 0.25


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes that stay, for each request: Theil and Sen's slope and its 95 % interval."""

    slope: float
    low: float
    high: float
    allowed: float
    """The slope that still counts as none."""

    @property
    def grows(self) -> bool:
        """Whether it surely is more than is allowed: the whole interval lies above."""
        return self.low > self.allowed

    @property
    def cleared(self) -> bool:
        """Whether it surely is not: none of the interval lies above. Neither means: unknown."""
        return self.high <= self.allowed

    def text(self) -> str:
        """Writes slope and interval in KiB a request."""
        slope, low, high = (value / 1024 for value in (self.slope, self.low, self.high))
        return f"{slope:+.1f} KiB a request ({low:+.1f} to {high:+.1f})"


def after_warm_up(samples: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leaves out the first quarter, in which caches and allocators fill up."""
    return list(samples[math.ceil(len(samples) * _WARM_UP) :])


def growth(samples: Sequence[tuple[int, int]], allowed: float) -> Growth:
    """Fits a slope to pairs of requests so far and bytes then held.

    The median of the slopes of all pairs of samples: a block that ended with an odd amount, as
    allocators leave it, moves it hardly (P. K. Sen, Estimates of the regression coefficient based
    on Kendall's tau, 1968, whose interval this is too, for samples without ties).

    Raises:
        ValueError: there are fewer than `LEAST_SAMPLES`, or two at the same number of requests.
    """
    count = len(samples)
    if count < LEAST_SAMPLES:
        raise ValueError(f"{count} samples do not tell a slope; {LEAST_SAMPLES} do")
    slopes = _pairwise_slopes(np.array(samples, np.float64))
    spread = _Z_95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2) - 1)
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Growth(float(np.median(slopes)), float(slopes[low]), float(slopes[high]), allowed)


def _pairwise_slopes(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gives the slopes between every two of samples, [N, 2], in ascending order."""
    first, second = np.triu_indices(len(samples), 1)
    run, rise = (samples[second] - samples[first]).T
    if not run.all():
        raise ValueError("two samples are of the same number of requests")
    return np.sort(rise / run)
