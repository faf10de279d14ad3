"""The page that measurements are put on."""

from pathlib import Path

import pytest
from benchmarks import reliability
from benchmarks.load.results import Findings
from benchmarks.running import ROOT


def test_each_part_has_its_table_and_the_very_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "reliability.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n")
    monkeypatch.setattr(reliability, "PAGE", page)
    (part,) = [each for each in reliability.PARTS if each.name == "overload"]
    found = Findings("overload", {}, "| a table |", "2026-11-30", "2 cores", "--times 5")

    reliability.write_page([(part, found)])

    text = page.read_text()
    assert (
        "### Overload\n\n`python -m benchmarks.overload --times 5` on 2026-11-30. 2 cores." in text
    )
    assert "| a table |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_every_part_is_a_benchmark_with_a_short_form() -> None:
    for part in reliability.PARTS:
        path = ROOT / "benchmarks" / f"{part.name}.py"
        assert path.is_file()
        for option in part.short[::2]:
            assert option in path.read_text()
