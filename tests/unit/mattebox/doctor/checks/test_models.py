from dataclasses import replace
from pathlib import Path

import pytest

from mattebox.doctor.checks import models
from mattebox.doctor.facts.models import ModelFacts, Standing
from mattebox.doctor.finding import Status

SOUND = ModelFacts("tiny", Path("/models"), Standing.SOUND)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (SOUND, Status.OK, "what was installed"),
        (replace(SOUND, standing=Standing.MISSING), Status.PROBLEM, "not installed in /models"),
        (
            replace(SOUND, standing=Standing.DAMAGED, problem="It is torn.", remedy="Run 'it'."),
            Status.PROBLEM,
            "It is torn.",
        ),
        (replace(SOUND, standing=Standing.OWN), Status.NOT_CHECKED, "nothing tells"),
        (replace(SOUND, not_looked_at="onnx"), Status.WARNING, "package onnx"),
    ],
)
def test_what_stands_there(facts: ModelFacts, status: Status, told: str) -> None:
    finding = models.model(facts)

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status in (Status.PROBLEM, Status.WARNING))


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (SOUND, Status.NOT_CHECKED, "--deep"),
        (replace(SOUND, standing=Standing.MISSING), Status.NOT_CHECKED, "sound first"),
        (replace(SOUND, run_problem=""), Status.OK, "known matte"),
        (replace(SOUND, run_problem="signal 4."), Status.PROBLEM, "signal 4."),
    ],
)
def test_what_it_computes(facts: ModelFacts, status: Status, told: str) -> None:
    finding = models.answer(facts)

    assert finding.status is status
    assert told in finding.what + finding.mend
    assert finding.mend or status is not Status.PROBLEM
