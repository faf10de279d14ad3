"""What is told of one request."""

import pytest
from benchmarks.load.outcome import Outcome, parse_server_timing_s


def test_latency_counts_from_the_scheduled_start() -> None:
    assert Outcome("200", scheduled_s=1.0, sent_s=3.0, ended_s=4.0).latency_s == 3.0


def test_stages_are_read_out_of_the_header() -> None:
    header = "decode;dur=30.9, infer;dur=126.0, total;dur=250.5"
    expected = pytest.approx({"decode": 0.0309, "infer": 0.126, "total": 0.2505})
    assert parse_server_timing_s(header) == expected
    assert Outcome("200", 0, 0, 1, headers={"Server-Timing": header}).stages_s == expected


@pytest.mark.parametrize(
    ("headers", "expected_s"),
    [({}, 0), ({"Retry-After": "3"}, 3), ({"Retry-After": "Sun, 22 Nov 2026 20:00:00 GMT"}, 0)],
)
def test_how_long_to_wait_is_read_where_it_is_told(
    headers: dict[str, str], expected_s: float
) -> None:
    assert Outcome("503", 0, 0, 1, headers=headers).retry_after_s == expected_s
