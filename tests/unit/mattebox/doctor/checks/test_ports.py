import errno
from dataclasses import replace

import pytest

from mattebox.doctor.checks.ports import ports
from mattebox.doctor.facts.ports import Holder, PortFacts
from mattebox.doctor.finding import Status

FREE = PortFacts("HTTP", "--port", "127.0.0.1", 8080)
TAKEN = replace(FREE, error=errno.EADDRINUSE, reason="Address already in use")
UP, KEEPER, GATEWAY = 100, 101, 102
OURS = Holder(GATEWAY, "python", is_mattebox=True, ancestors=(KEEPER, UP, 1))


@pytest.mark.parametrize(
    ("facts", "running_pid", "status", "told"),
    [
        (FREE, None, Status.OK, "8080 is free"),
        (replace(FREE, port=0), None, Status.OK, "Any free port"),
        (replace(TAKEN, holder=OURS), UP, Status.OK, "which runs here (process 100)"),
        (replace(TAKEN, holder=OURS), 99, Status.PROBLEM, "another Mattebox (process 102)"),
        (replace(TAKEN, holder=OURS), None, Status.PROBLEM, "another Mattebox (process 102)"),
        (
            replace(TAKEN, holder=Holder(7, "nginx", is_mattebox=False, ancestors=(1,))),
            UP,
            Status.PROBLEM,
            "taken by nginx (process 7)",
        ),
        (TAKEN, UP, Status.PROBLEM, "of another user"),
        (replace(FREE, port=80, error=errno.EACCES), None, Status.PROBLEM, "privileged"),
        (
            replace(FREE, host="192.0.2.1", error=errno.EADDRNOTAVAIL, reason="Cannot assign"),
            None,
            Status.PROBLEM,
            "192.0.2.1, port 8080: Cannot assign",
        ),
    ],
)
def test_a_port_is_judged_by_who_has_it(
    facts: PortFacts, running_pid: int | None, status: Status, told: str
) -> None:
    (finding,) = ports([facts], running_pid)

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status is Status.PROBLEM)


def test_a_port_named_twice_is_a_problem_and_two_free_choices_are_none() -> None:
    twice = ports([FREE, replace(FREE, purpose="gRPC", option="--grpc-port")], None)
    free_choices = ports([replace(FREE, port=0), replace(FREE, port=0)], None)

    assert [each.status for each in twice] == [Status.PROBLEM] * 2
    assert [each.status for each in free_choices] == [Status.OK] * 2
