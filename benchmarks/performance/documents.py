"""Brings docs/performance.md up to date."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks import tables
from benchmarks.load.results import Findings
from benchmarks.running import ROOT

PAGE = ROOT / "docs" / "performance.md"
TITLES = {
    "peers": "Beside rembg's server",
    "service": "Under load",
    "overhead": "What is added to the network",
    "memory": "Memory over many requests",
}
"""Of the parts, in their order, by the names of their modules."""


def write_figures(budgets: str, parts: Sequence[Findings], page: Path = PAGE) -> None:
    """Puts the tables between the two marks of the page.

    Raises:
        ValueError: the page has not both marks.
    """
    sections = [f"### Budgets\n\n{budgets}", *map(_section, parts)]
    tables.write_figures(page, "\n\n".join(sections))


def _section(part: Findings) -> str:
    return (
        f"### {TITLES[part.name]}\n\n`python -m benchmarks.{part.name}` on {part.day}."
        f" {part.measured_on}.\n\n{part.tables}"
    )
