import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from mattebox.accounts import option_values
from mattebox.accounts.option_values import Limit


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", timedelta()),
        ("0h", timedelta()),
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("36500d", timedelta(days=36_500)),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, length: timedelta) -> None:
    assert option_values.duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "1", "h", "1.5h", "-1h", "1 h", "1h30m", "1w", "٣h", "24h\n", "36501d", "9999999999d"],
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        option_values.duration(text)


def test_an_expiry_is_a_time_from_now_or_the_beginning_of_a_day() -> None:
    before = datetime.now(UTC)
    ends_at = option_values.expiry("90d")

    assert before + timedelta(days=90) <= ends_at <= datetime.now(UTC) + timedelta(days=90)
    assert option_values.expiry("9999-12-31") == datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0", "0d", "2001-01-01", "tomorrow", "2027-02-29", "36501d"])
def test_an_expiry_is_in_the_future(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        option_values.expiry(text)


def test_today_has_begun_already_and_tomorrow_has_not() -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=1), today + timedelta(days=2)]

    with pytest.raises(typer.BadParameter, match="is not in the future"):
        option_values.expiry(str(days[0]))
    assert option_values.expiry(str(days[1])).date() == days[1]


def test_a_day_is_written_as_in_iso_8601() -> None:
    assert option_values.day("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize("text", ["", "29.02.2028", "2027-02-29", "2027-13-01", "2027-01-01T00"])
def test_anything_else_is_no_day(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no date such as 2027-01-31"):
        option_values.day(text)


@pytest.mark.parametrize(
    ("text", "per_minute"),
    [
        *(("600/minute", 600), ("600/min", 600), ("600", 600), ("1", 1)),
        ("1000000000/minute", 1_000_000_000),
    ],
)
def test_a_rate_is_requests_a_minute(text: str, per_minute: int) -> None:
    assert option_values.rate(text) == per_minute


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0/minute", "-1", "1.5", "600/m", "600/hour", "600 /minute", "/minute"),
        *("unlimited", "1000000001", "99999999999"),
    ],
)
def test_anything_else_is_no_rate(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        option_values.rate(text)


def test_a_limit_is_a_number_or_none() -> None:
    assert option_values.limit("unlimited") == Limit(None)
    assert option_values.limit("1") == Limit(1)
    assert option_values.limit("1000000000") == Limit(1_000_000_000)


@pytest.mark.parametrize("text", ["", "0", "-1", "1000000001", "none", "Unlimited", "600/minute"])
def test_anything_else_is_no_limit(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        option_values.limit(text)


@pytest.mark.parametrize("text", ["a@b.c", "a@b", "änne+x@münchen.de", f"{'a' * 250}@b.c"])
def test_an_address_has_a_name_and_a_host(text: str) -> None:
    assert option_values.email(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b ", "a@b\n", "a\x1b[2J@b"),
        *("a\u00a0@b", f"{'a' * 251}@b.c"),
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        option_values.email(text)


@given(st.text(max_size=20))
def test_no_text_makes_a_parser_fail_otherwise(text: str) -> None:
    for parse in (
        option_values.duration,
        option_values.expiry,
        option_values.day,
        option_values.rate,
        option_values.limit,
        option_values.email,
    ):
        with contextlib.suppress(typer.BadParameter):
            parse(text)
