from dataclasses import replace
from pathlib import Path

import pytest

from mattebox.doctor.checks import state
from mattebox.doctor.facts.state import StateFacts
from mattebox.doctor.finding import Status

GOOD = StateFacts(
    path=Path("/srv/state"),
    exists=True,
    is_folder=True,
    is_writable=True,
    nearest=Path("/srv/state"),
    mode=0o700,
    owner_is_user=True,
    free_bytes=10 * 10**9,
    running_pid=None,
)
ABSENT = replace(GOOD, exists=False, nearest=Path("/srv"), mode=0o755)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, "no `mattebox up` runs"),
        (replace(GOOD, running_pid=7), Status.OK, "process 7"),
        (replace(GOOD, mode=0o755), Status.OK, "this user's"),
        (ABSENT, Status.OK, "will be made"),
        (replace(ABSENT, mode=0o1777, owner_is_user=False), Status.OK, "will be made"),
        (replace(GOOD, mode=0o770), Status.WARNING, "Other users can replace"),
        (replace(GOOD, mode=0o702), Status.WARNING, "Other users can replace"),
        (replace(GOOD, owner_is_user=False), Status.WARNING, "another user"),
        (replace(GOOD, is_writable=False), Status.PROBLEM, "cannot be used"),
        (replace(ABSENT, is_writable=False), Status.PROBLEM, "cannot be made in /srv"),
        (replace(GOOD, is_folder=False), Status.PROBLEM, "is no folder"),
        (replace(ABSENT, is_folder=False), Status.PROBLEM, "/srv is no folder"),
    ],
)
def test_the_directory(facts: StateFacts, status: Status, told: str) -> None:
    finding = state.directory(facts)

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status is not Status.OK)


@pytest.mark.parametrize(
    ("free_bytes", "status"),
    [
        (2**30, Status.OK),
        (2**30 - 1, Status.WARNING),
        (100 * 2**20, Status.WARNING),
        (100 * 2**20 - 1, Status.PROBLEM),
    ],
)
def test_the_disk(free_bytes: int, status: Status) -> None:
    assert state.disk(replace(GOOD, free_bytes=free_bytes)).status is status
