"""How benchmarks write figures: as tables that are Markdown and read well as text, and on pages."""

import statistics
from collections.abc import Sequence
from pathlib import Path

_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Writes a table."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    lines = [_line(row, widths) for row in (head, *rows)]
    return "\n".join([lines[0], rule, *lines[1:]])


def median_and_range(values: Sequence[float]) -> str:
    """Writes the median, and the smallest and the largest in brackets."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def write_figures(page: Path, figures: str) -> None:
    """Puts figures between the two marks of a page, in place of those before.

    Raises:
        ValueError: the page has not both marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{page} has no marks {_BEGIN} and {_END} to write between")
    page.write_text(f"{before}{_BEGIN}\n\n{figures}\n\n{_END}{after}", encoding="utf-8")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
