"""What slow clients do to others, judged."""

import pytest
from benchmarks.load.figures import LoadFigures
from benchmarks.load.slow import DRIPPING_BODY, HALF_HEAD, IDLE, Ended, ended_otherwise
from benchmarks.slow_clients import (
    FAILED,
    OTHERWISE,
    P50,
    P99,
    Round,
    even_starts_s,
    is_kept,
    judged,
)


def load(p99_s: float, failures: int = 0) -> LoadFigures:
    return LoadFigures(
        answers=10,
        failures={"503": failures} if failures else {},
        seconds=1.0,
        goodput_per_s=10.0,
        p50_s=p99_s / 2,
        p90_s=p99_s,
        p99_s=p99_s,
        max_s=p99_s,
        latest_send_s=0.0,
    )


def rounds(*ratios: float, failures: int = 0, ended: Ended | None = None) -> list[Round]:
    return [Round(load(2.0), load(2.0 * ratio, failures), ended or {}) for ratio in ratios]


def test_starts_are_spread_evenly() -> None:
    assert even_starts_s(4, 1.0) == [0, 0.25, 0.5, 0.75]


def test_figures_are_medians_of_the_ratios_of_rounds() -> None:
    figures = judged(rounds(1.0, 3.0, 1.1))

    assert (figures[P99].value, figures[P99].low, figures[P99].high) == pytest.approx((1.1, 1, 3))
    assert figures[P50].value == pytest.approx(1.1)
    assert (figures[FAILED].value, figures[OTHERWISE].value) == (0, 0)


@pytest.mark.parametrize(("ratio", "kept"), [(1.2, True), (1.21, False)])
def test_so_much_growth_is_allowed_and_no_more(ratio: float, kept: bool) -> None:
    assert is_kept(judged(rounds(ratio, ratio, 0.5))) is kept


def test_one_good_request_that_fails_breaks_it() -> None:
    assert not is_kept(judged(rounds(1.0, failures=1)))


@pytest.mark.parametrize(
    ("ended", "otherwise"),
    [
        ({HALF_HEAD: {"closed": 3}, DRIPPING_BODY: {"408": 2}, IDLE: {"closed": 1}}, 0),
        ({HALF_HEAD: {"408": 3}}, 3),
        ({DRIPPING_BODY: {"408": 1, "closed": 1, "503": 1}}, 2),
        ({IDLE: {"ConnectionResetError": 1}}, 1),
        ({}, 0),
    ],
)
def test_slow_clients_have_to_be_ended_as_documented(ended: Ended, otherwise: int) -> None:
    assert ended_otherwise(ended) == otherwise
    assert is_kept(judged(rounds(1.0, ended=ended))) is not bool(otherwise)
