import math

import pytest
from benchmarks.load.figures import Figure
from benchmarks.load.promises import Promise, judged
from benchmarks.load.results import Findings


@pytest.mark.parametrize(
    ("figure", "is_kept"),
    [
        (Figure(0.95, 0.9, 1.0), True),
        (Figure(0.95, 0.89, 1.0), False),
        (Figure(0.95, 0.9, 2.1), False),
        (Figure(math.nan, math.nan, math.nan), False),
    ],
)
def test_the_worst_value_has_to_keep_a_promise(figure: Figure, is_kept: bool) -> None:
    promise = Promise("share", at_least=0.9, at_most=2)

    assert promise.kept(figure) is is_kept
    assert promise.text() == "at least 0.9, at most 2"


@pytest.mark.parametrize(("value", "code"), [(0.0, 0), (1.0, 1)])
def test_one_broken_promise_is_told_by_the_exit_code(
    value: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"failures": Figure.of([value]), "share": Figure.of([1.0])}
    findings = Findings("name", figures, "", "2026-01-01", "here")

    assert judged(findings, [Promise("failures", at_most=0), Promise("share", at_least=1)]) == code

    assert ("BROKEN failures" in capsys.readouterr().out) is bool(code)
