"""Tables for people."""

from benchmarks.tables import table


def test_a_table_is_markdown_with_aligned_columns() -> None:
    assert table(["load", "p50"], [["12 MP", "0.3"], ["1.5", "0.165"]]) == (
        "| load  | p50   |\n|-------|-------|\n| 12 MP | 0.3   |\n| 1.5   | 0.165 |"
    )
