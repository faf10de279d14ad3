"""What speed and memory have to reach, as data, and the judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from benchmarks import memory, overhead, peers
from benchmarks.load.figures import Figure
from benchmarks.load.side_by_side import Case, figure_name
from benchmarks.tables import table


class Grade(Enum):
    """How a figure stands to its bounds."""

    STRETCH = "met, the stretch too"
    REACH = "met"
    MISSED = "**missed**"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Budget:
    """Two bounds of a figure: what it has to reach, and what would be better still."""

    text: str
    figure: str
    reach: float
    stretch: float | None = None
    at_most: bool = False
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """A budget, and what was found."""

    budget: Budget
    found: Figure | None

    @property
    def grade(self) -> Grade:
        """Judges the median, wherever its ends lie."""
        if self.found is None:
            return Grade.NOT_MEASURED
        if not self._keeps(self.budget.reach):
            return Grade.MISSED
        stretch = self.budget.stretch
        return Grade.STRETCH if stretch is not None and self._keeps(stretch) else Grade.REACH

    def _keeps(self, bound: float) -> bool:
        value = self.found.value if self.found else float("nan")
        return value <= bound if self.budget.at_most else value >= bound


def _both(text: str, case: Case, what: str, reach: float, stretch: float) -> list[Budget]:
    return [
        Budget(f"{text}, {picture}", figure_name(case, picture, what), reach, stretch)
        for picture in peers.PICTURES
    ]


BUDGETS = (
    *_both("throughput over rembg's, 12 MP, 4 clients", peers.FOUR_AT_12, "throughput", 5, 10),
    *_both("throughput over rembg's, 1.5 MP, 8 clients", peers.EIGHT_AT_1_5, "throughput", 2.5, 5),
    *_both("rembg's p50 over ours, 12 MP, 1 client", peers.ONE_AT_12, "latency", 5, 8),
    Budget("memory, 32 clients at 12 MP, GB", peers.CROWD_GB, 1.5, 1.0, at_most=True),
    Budget("of their requests not answered 200", peers.CROWD_REFUSED, 0, at_most=True, digits=0),
    *(
        Budget(
            f"bytes of the PNG over those of Pillow's level 1, {picture}",
            overhead.png_bytes(picture),
            1.0,
            0.97,
            at_most=True,
            digits=3,
        )
        for picture in peers.PICTURES
    ),
    *(
        Budget(
            f"everything but inference, 12 MP, core-seconds, {picture}",
            overhead.but_inference(picture),
            0.5,
            0.3,
            at_most=True,
            digits=3,
        )
        for picture in peers.PICTURES
    ),
    # Judged both ways: the difference of two calls is what is asked for, and is noisy.
    *(
        Budget(name, name, 10, 4, at_most=True, digits=1)
        for name in (overhead.HOP, overhead.HOP_WITHIN)
    ),
    Budget("time from 12 to 50 MP over pixels", overhead.GROWTH, 1.1, at_most=True),
    *(Budget(name, name, 0, at_most=True, digits=0) for name in memory.HAVE_TO_BE_ZERO),
)


def judged(figures: Mapping[str, Figure], budgets: Sequence[Budget] = BUDGETS) -> list[Verdict]:
    """Judges every budget; those whose figure is not there are not measured."""
    return [Verdict(budget, figures.get(budget.figure)) for budget in budgets]


def all_met(verdicts: Sequence[Verdict]) -> bool:
    """Tells whether every budget is reached. What was not measured is not."""
    return all(verdict.grade in (Grade.REACH, Grade.STRETCH) for verdict in verdicts)


def budget_table(verdicts: Sequence[Verdict]) -> str:
    """Writes the budgets and what was found as Markdown."""
    rows = [
        [
            verdict.budget.text,
            _bound(verdict.budget, verdict.budget.reach),
            ""
            if verdict.budget.stretch is None
            else _bound(verdict.budget, verdict.budget.stretch),
            verdict.found.text(verdict.budget.digits) if verdict.found else "-",
            verdict.grade.value,
        ]
        for verdict in verdicts
    ]
    return table(["budget", "reach", "stretch", "found", ""], rows)


def _bound(budget: Budget, limit: float) -> str:
    return f"{'<=' if budget.at_most else '>='} {limit:g}"
