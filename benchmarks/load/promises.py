"""What figures were promised to be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.figures import Figure
from benchmarks.load.results import Findings


@dataclass(frozen=True, slots=True)
class Promise:
    """Bounds of a figure. The worst value that was seen has to keep them, not the median."""

    figure: str
    at_least: float = -math.inf
    at_most: float = math.inf

    def kept(self, figure: Figure) -> bool:
        """Tells whether it is kept; what is no number keeps nothing."""
        return self.at_least <= figure.low and figure.high <= self.at_most

    def text(self) -> str:
        """Writes the bounds."""
        bounds = []
        if self.at_least > -math.inf:
            bounds.append(f"at least {self.at_least:g}")
        if self.at_most < math.inf:
            bounds.append(f"at most {self.at_most:g}")
        return ", ".join(bounds)


def judged(findings: Findings, promises: Sequence[Promise]) -> int:
    """Prints what became of each promise; gives the exit code."""
    broken = 0
    for promise in promises:
        figure = findings.figures[promise.figure]
        kept = promise.kept(figure)
        broken += not kept
        word = "kept  " if kept else "BROKEN"
        print(f"{word} {promise.figure}: {figure.text(2)} ({promise.text()})", flush=True)
    return int(broken > 0)
