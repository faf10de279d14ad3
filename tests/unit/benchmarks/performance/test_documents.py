"""The page's figures."""

from pathlib import Path

import pytest
from benchmarks.load.figures import Figure
from benchmarks.load.results import Findings
from benchmarks.performance.documents import PAGE, write_figures

FINDINGS = Findings("memory", {"a": Figure(1, 1, 1)}, "| a table |", "2026-11-22", "2 cores")


def test_figures_stand_between_the_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("Before.\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nAfter.\n")
    for _ in range(2):  # again and again
        write_figures("| budgets |", [FINDINGS], page)
    text = page.read_text()
    assert text.startswith("Before.\n<!-- figures: begin -->\n")
    assert text.endswith("<!-- figures: end -->\nAfter.\n")
    assert "old" not in text
    assert text.count("| a table |") == text.count("| budgets |") == 1
    assert "`python -m benchmarks.memory` on 2026-11-22. 2 cores." in text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("No marks.")
    with pytest.raises(ValueError, match="no marks"):
        write_figures("", [FINDINGS], page)
    assert page.read_text() == "No marks."


def test_the_page_has_its_marks() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- figures: begin -->") == text.count("<!-- figures: end -->") == 1
