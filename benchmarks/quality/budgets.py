"""What the figures have to reach, as data, and the judgement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from benchmarks.quality import intervals, pasted, peer
from benchmarks.quality.intervals import Interval
from benchmarks.quality.scores import BEST, OURS, OURS_TRUE_MATTE, Scores


class Quantity(Enum):
    """What of a figure is judged."""

    MEAN = auto()
    RATIO = auto()
    """Our mean over rembg's."""

    GAIN = auto()
    """Our mean less rembg's."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A bound, in the words in which it was set."""

    text: str
    set_name: str
    figure: str
    quantity: Quantity
    limit: float
    at_most: bool = True
    method: str = OURS
    clear_only: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A budget, and what was found."""

    budget: Budget
    found: Interval

    @property
    def met(self) -> bool:
        """Whether the figure itself, wherever its interval reaches, keeps to the bound."""
        limit, value = self.budget.limit, self.found.value
        return value <= limit if self.budget.at_most else value >= limit


_NO_WORSE = "no other set worse"
_SHARES = "opaque and empty shares of the matte within 2 % of the truth's for clear subjects"

_MATTE = "alpha MAE on composites"
_PSNR = "band PSNR over rembg"

BUDGETS = (
    Budget(_MATTE, "composites", "mae", Quantity.RATIO, 0.99),
    Budget(_MATTE, "composites", "mae", Quantity.RATIO, 0.88, method=BEST),
    *(
        Budget(_NO_WORSE, set_name, "mae", Quantity.RATIO, 1.03, method=method)
        for method in (OURS, BEST)
        for set_name in ("ccp", "libcom", "alpha_matting", pasted.SET)
    ),
    Budget(_PSNR, pasted.SET, "psnr", Quantity.GAIN, 1.0, at_most=False),
    Budget(_PSNR, pasted.SET, "psnr", Quantity.GAIN, 2.5, at_most=False, method=BEST),
    Budget(
        "band PSNR given the true alpha",
        pasted.SET,
        "psnr",
        Quantity.MEAN,
        35.0,
        at_most=False,
        method=OURS_TRUE_MATTE,
    ),
    *(
        Budget(_SHARES, set_name, figure, Quantity.MEAN, 0.02, method=method, clear_only=True)
        for method in (OURS, BEST)
        for set_name in ("composites", pasted.SET)
        for figure in ("opaque_gap", "empty_gap")
    ),
)


def judged(scores: Scores, budgets: Sequence[Budget] = BUDGETS) -> list[Verdict]:
    """Judges every budget whose set was measured. What cannot be told is missed."""
    quantities: dict[Quantity, Callable[[Budget, Scores], Interval]] = {
        Quantity.MEAN: _mean,
        Quantity.RATIO: _ratio,
        Quantity.GAIN: _gain,
    }
    measured = scores.sets()
    return [
        Verdict(budget, quantities[budget.quantity](budget, scores))
        for budget in budgets
        if budget.set_name in measured
    ]


def _mean(budget: Budget, scores: Scores) -> Interval:
    samples = scores.samples(
        budget.set_name, budget.method, budget.figure, clear_only=budget.clear_only
    )
    return intervals.mean(samples)


def _ratio(budget: Budget, scores: Scores) -> Interval:
    found = scores.samples(budget.set_name, budget.method, budget.figure)
    return intervals.ratio_of_means(
        found, scores.samples(budget.set_name, peer.DEFAULT, budget.figure)
    )


def _gain(budget: Budget, scores: Scores) -> Interval:
    found = scores.samples(budget.set_name, budget.method, budget.figure)
    return intervals.mean_difference(
        found, scores.samples(budget.set_name, peer.DEFAULT, budget.figure)
    )
