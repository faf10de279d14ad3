from dataclasses import replace

import pytest

from mattebox.doctor.checks import database
from mattebox.doctor.facts.database import DatabaseFacts, PepperFacts
from mattebox.doctor.finding import Status

THERE = PepperFacts("/srv/mattebox.db.pepper")
GOOD = DatabaseFacts("/srv/mattebox.db", pepper=THERE)
GONE = replace(THERE, is_there=False)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, "schema of this version"),
        (replace(GOOD, is_there=False), Status.OK, "will be made"),
        (replace(GOOD, is_outdated=True), Status.OK, "next start brings"),
        (replace(GOOD, is_outdated=True, migrates=False), Status.PROBLEM, "older schema"),
        (replace(GOOD, problem="It is away."), Status.PROBLEM, "It is away."),
        (None, Status.NOT_CHECKED, "settings"),
    ],
)
def test_the_database(facts: DatabaseFacts | None, status: Status, told: str) -> None:
    finding = database.database(facts)

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status is Status.PROBLEM)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, "holds one"),
        (replace(GOOD, is_there=False, pepper=GONE), Status.OK, "will be made"),
        (replace(GOOD, pepper=GONE), Status.PROBLEM, "none of the keys"),
        (replace(GOOD, pepper=replace(THERE, problem="cannot read.")), Status.PROBLEM, "Cannot"),
        (replace(GOOD, pepper=replace(THERE, is_open_to_others=True)), Status.WARNING, "can read"),
        (replace(GOOD, pepper=None), Status.NOT_CHECKED, "not known"),
        (None, Status.NOT_CHECKED, "not known"),
    ],
)
def test_the_pepper(facts: DatabaseFacts | None, status: Status, told: str) -> None:
    finding = database.pepper(facts)

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status in (Status.PROBLEM, Status.WARNING))
