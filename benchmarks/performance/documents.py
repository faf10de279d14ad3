"""Brings docs/performance.md up to date."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.load.results import Findings
from benchmarks.running import ROOT

PAGE = ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
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
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{page} has no marks {_BEGIN} and {_END} to write between")
    sections = [f"### Budgets\n\n{budgets}", *map(_section, parts)]
    figures = "\n\n".join(sections)
    page.write_text(f"{before}{_BEGIN}\n\n{figures}\n\n{_END}{after}", encoding="utf-8")


def _section(part: Findings) -> str:
    return (
        f"### {TITLES[part.name]}\n\n`python -m benchmarks.{part.name}` on {part.day}."
        f" {part.measured_on}.\n\n{part.tables}"
    )
