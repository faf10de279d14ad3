import pytest

from mattebox.client.retry_after import LONGEST_ASKED_S, read_retry_after

DATE = "Tue, 01 Dec 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Tue, 01 Dec 2026 03:00:30 GMT", 30.0),
        ("Tuesday, 01-Dec-26 03:00:30 GMT", 30.0),
        ("Tue Dec  1 03:00:30 2026", 30.0),
        ("Mon, 30 Nov 2026 03:00:00 GMT", 0.0),
    ],
)
def test_seconds_and_dates_are_read(written: str, seconds: float) -> None:
    assert read_retry_after({"retry-after": written, "date": DATE}) == seconds


@pytest.mark.parametrize("written", ["9" * 400, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_asked_to_wait_for_ever(written: str) -> None:
    assert read_retry_after({"retry-after": written, "date": DATE}) == LONGEST_ASKED_S


@pytest.mark.parametrize(
    "written",
    [
        *("", "soon", "-1", "1.5", "٣", "Tue, 99 Dec 2026 03:00:00 GMT"),
        *(f"Tue, 01 Dec {year} 03:00:00 GMT" for year in ("99999", "9" * 30)),
    ],
)
def test_anything_else_says_nothing(written: str) -> None:
    assert read_retry_after({"retry-after": written, "date": DATE}) is None


def test_no_header_says_nothing() -> None:
    assert read_retry_after({}) is None


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_without_a_date_of_the_answer_our_own_clock_counts(date: str | None) -> None:
    headers = {"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}
    if date is not None:
        headers["date"] = date

    assert (read_retry_after(headers) or 0) > 1_000_000
