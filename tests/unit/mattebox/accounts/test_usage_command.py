import csv
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.accounts.usage import UsageBatch, UsageCount, UsageSlot
from tests.unit.mattebox.accounts.conftest import EMAIL, Operator

FIRST = date(2026, 10, 31)


@pytest.fixture
def key_id(ann: Operator) -> str:
    """A key that was used on three days."""
    made: str = ann.json("keys", "create", "--account", EMAIL)["id"]
    for days, images, pixels in [(0, 3, 36_000_000), (1, 1, 1), (31, 1000, 12_345_678_901)]:
        use(ann, made, FIRST + timedelta(days=days), images, pixels)
    return made


def use(operator: Operator, key_id: str, day: date, images: int, pixels: int) -> None:
    """Writes usage as a gateway does."""
    batch = UsageBatch(uuid.uuid4().hex, {UsageSlot(day, key_id): UsageCount(images, pixels)})
    operator.store(lambda store: store.write_usage(batch))


def test_the_table_has_a_line_a_day_and_a_total(ann: Operator, key_id: str) -> None:
    printed = ann.said("keys", "usage", "--from", "2026-10-31", "--to", "2026-12-01")

    assert printed == (
        "day         key id        account          images  megapixels\n"
        f"2026-10-31  {key_id}  {EMAIL}       3       36.00\n"
        f"2026-11-01  {key_id}  {EMAIL}       1        0.00\n"
        f"2026-12-01  {key_id}  {EMAIL}    1000    12345.68\n"
        "total                                        1004    12381.68\n"
    )


def test_csv_is_exact_and_has_no_total(ann: Operator, key_id: str) -> None:
    printed = ann.said("keys", "usage", "--from", "2026-10-31", "--to", "2026-12-01", "--csv")

    assert list(csv.reader(printed.splitlines())) == [
        ["day", "key_id", "account", "images", "megapixels"],
        ["2026-10-31", key_id, EMAIL, "3", "36.000000"],
        ["2026-11-01", key_id, EMAIL, "1", "0.000001"],
        ["2026-12-01", key_id, EMAIL, "1000", "12345.678901"],
    ]


def test_json_is_an_array(ann: Operator, key_id: str) -> None:
    assert ann.json("keys", "usage", "--from", "2026-11-01", "--to", "2026-12-01") == [
        {
            "day": "2026-11-01",
            "key_id": key_id,
            "account": EMAIL,
            "images": 1,
            "megapixels": 0.000001,
        },
        {
            "day": "2026-12-01",
            "key_id": key_id,
            "account": EMAIL,
            "images": 1000,
            "megapixels": 12345.678901,
        },
    ]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-10-31", "2026-10-31", ["2026-10-31"]),
        ("2026-11-01", "2026-11-30", ["2026-11-01"]),
        ("2026-10-30", "2026-11-01", ["2026-10-31", "2026-11-01"]),
        ("2026-11-02", "2026-11-30", []),
    ],
)
@pytest.mark.usefixtures("key_id")
def test_both_ends_are_included(ann: Operator, first: str, last: str, days: list[str]) -> None:
    rows = ann.json("keys", "usage", "--from", first, "--to", last)

    assert [row["day"] for row in rows] == days


@pytest.mark.usefixtures("key_id")
def test_an_end_alone_means_its_month(ann: Operator) -> None:
    rows = ann.json("keys", "usage", "--to", "2026-11-30")

    assert [row["day"] for row in rows] == ["2026-11-01"]


def test_without_days_it_is_this_month(ann: Operator, key_id: str) -> None:
    # At midnight of the first, the command would be of another month than this test.
    before = datetime.now(UTC).date()
    use(ann, key_id, before, 5, 5)
    use(ann, key_id, before.replace(day=1) - timedelta(days=1), 7, 7)

    rows = ann.json("keys", "usage")

    month = {row["day"] for row in rows}
    if datetime.now(UTC).date().month == before.month:
        assert str(before) in month
        assert all(day.startswith(f"{before:%Y-%m}") for day in month)


def test_usage_may_be_of_one_key(ann: Operator, key_id: str) -> None:
    other = ann.json("keys", "create", "--account", EMAIL)["id"]
    use(ann, other, FIRST, 1, 1)

    days = ("--from", str(FIRST), "--to", str(FIRST))
    assert len(ann.json("keys", "usage", *days)) == 2
    assert [row["key_id"] for row in ann.json("keys", "usage", *days, "--key", other)] == [other]
    assert ann.json("keys", "usage", "--to", "2001-01-01", "--key", key_id) == []


def test_usage_outlives_the_key(ann: Operator, key_id: str) -> None:
    ann.said("keys", "revoke", key_id)

    assert len(ann.json("keys", "usage", "--to", "2026-10-31", "--key", key_id)) == 1


def test_a_key_that_is_not_there_is_an_error(ann: Operator) -> None:
    result = ann.call("keys", "usage", "--key", "nobody")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "mattebox: There is no key 'nobody'. `mattebox keys list` shows those there are.\n"
    )


def test_no_usage_is_a_total_of_nothing(ann: Operator) -> None:
    assert ann.said("keys", "usage").splitlines()[1].split() == ["total", "0", "0.00"]
    assert ann.said("keys", "usage", "--csv") == "day,key_id,account,images,megapixels\n"


@pytest.mark.parametrize(
    ("options", "blamed"),
    [
        (("--csv", "--json"), "--csv"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "--from"),
        (("--from", "2999-01-01"), "--from"),
        (("--from", "yesterday"), "--from"),
        (("--to", "2026-11-31"), "--to"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ann: Operator, options: tuple[str, ...], blamed: str
) -> None:
    result = ann.call("keys", "usage", *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{blamed}'" in result.stderr or f"for {blamed}" in result.stderr


def test_a_key_may_be_given_itself(ann: Operator) -> None:
    made = ann.json("keys", "create", "--account", EMAIL)
    use(ann, made["id"], date(2026, 11, 5), 2, 3_000_000)

    (row,) = ann.json("keys", "usage", "--key", made["key"], "--from", "2026-11-05")

    assert (row["key_id"], row["images"]) == (made["id"], 2)
