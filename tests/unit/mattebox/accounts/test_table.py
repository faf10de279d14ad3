from hypothesis import given
from hypothesis import strategies as st

from mattebox.accounts.table import table


def test_columns_are_aligned_and_numbers_flush_right() -> None:
    rows = [("a", "1", "x"), ("bcd", "1000", "")]

    assert table(("name", "n", "note"), rows, right=["n"]).splitlines() == [
        "name     n  note",
        "a        1  x",
        "bcd   1000",
    ]


def test_no_rows_leave_the_header() -> None:
    assert table(("name", "state"), []) == "name  state"


def test_what_a_terminal_would_act_on_is_written_out() -> None:
    assert table(("name",), [("\x1b[2J\u202e\n",)]) == "name\n\\x1b[2J\\u202e\\n"


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_every_row_is_one_printable_line(rows: list[tuple[str, str]]) -> None:
    lines = table(("first", "second"), rows).split("\n")

    assert len(lines) == len(rows) + 1
    assert all(line.isprintable() for line in lines)
