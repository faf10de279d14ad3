"""Whether Mattebox can listen where it is to."""

import errno
from collections import Counter
from collections.abc import Sequence

from mattebox.doctor.facts.ports import PortFacts
from mattebox.doctor.finding import Finding, Subject, Topic


def ports(facts: Sequence[PortFacts], running_pid: int | None) -> list[Finding]:
    """Judges each port; `running_pid` is the `mattebox up` that holds the state directory."""
    uses = Counter(each.port for each in facts if each.port)
    return [_port(each, uses[each.port] > 1, running_pid) for each in facts]


def _port(facts: PortFacts, is_named_twice: bool, running_pid: int | None) -> Finding:
    subject = Subject(f"{facts.purpose} port", Topic.PORTS)
    if not facts.port:
        return subject.ok("Any free port is taken.")
    if is_named_twice:
        return subject.problem(
            f"Port {facts.port} is named for more than one purpose.",
            f"Choose another one with {facts.option}; metrics take two, one after the other.",
        )
    if facts.error is None:
        return subject.ok(f"{facts.port} is free.")
    if facts.error == errno.EADDRINUSE:
        return _taken(subject, facts, running_pid)
    if facts.error == errno.EACCES:
        return subject.problem(
            f"Port {facts.port} is reserved for privileged programs.",
            f"Choose one from 1024 on with {facts.option}.",
        )
    return subject.problem(
        f"Cannot listen on {facts.host}, port {facts.port}: {facts.reason}.",
        "Name an address of this machine with --host: 127.0.0.1 for itself, 0.0.0.0 for all.",
    )


def _taken(subject: Subject, facts: PortFacts, running_pid: int | None) -> Finding:
    holder = facts.holder
    other = f"choose another port with {facts.option}."
    if holder is None:
        return subject.problem(
            f"Port {facts.port} is taken by a program of another user.",
            f"`ss -ltnp` as root tells which; stop it, or {other}",
        )
    if running_pid is not None and running_pid in (holder.pid, *holder.ancestors):
        return subject.ok(
            f"{facts.port} is that of the `mattebox up` which runs here (process {running_pid})."
        )
    if holder.is_mattebox:
        return subject.problem(
            f"Port {facts.port} is taken by another Mattebox (process {holder.pid}), with another"
            " state directory.",
            f"Stop that one, name its state directory with --state-dir, or {other}",
        )
    return subject.problem(
        f"Port {facts.port} is taken by {holder.program} (process {holder.pid}).",
        f"Stop it, or {other}",
    )
