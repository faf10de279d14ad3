import csv
import io
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts.store import UsageRow
from mattebox.accounts import usage_views

ROWS = st.lists(
    st.builds(
        UsageRow,
        day=st.dates(date(2000, 1, 1)),
        email=st.text(min_size=1).filter(str.isprintable),
        key_id=st.text("abc123", min_size=12, max_size=12),
        key_name=st.just(""),
        images=st.integers(0, 10**12),
        pixels=st.integers(0, 2**53),
    ),
    max_size=5,
)


@given(ROWS)
def test_csv_can_be_read_back_to_the_pixel(rows: list[UsageRow]) -> None:
    text = usage_views.usage_to_csv(rows)

    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [line[:4] for line in read] == [
        [str(row.day), row.key_id, row.email, str(row.images)] for row in rows
    ]
    assert [Decimal(line[4]) * 10**6 for line in read] == [row.pixels for row in rows]


@given(ROWS)
def test_the_total_is_that_of_the_rows(rows: list[UsageRow]) -> None:
    lines = usage_views.usage_to_table(rows).split("\n")

    assert len(lines) == len(rows) + 2
    label, images, megapixels = lines[-1].split()
    assert (label, int(images)) == ("total", sum(row.images for row in rows))
    assert megapixels == f"{sum(row.pixels for row in rows) / 10**6:.2f}"


@given(ROWS)
def test_json_has_a_member_a_row(rows: list[UsageRow]) -> None:
    assert [row["megapixels"] for row in usage_views.usage_to_json(rows)] == [
        row.pixels / 10**6 for row in rows
    ]
