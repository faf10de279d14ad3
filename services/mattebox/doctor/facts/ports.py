"""Who has the ports that Mattebox is to listen on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mattebox.up import keeper
from mattebox.up.options import UpOptions
from mattebox.up.ports import LOOPBACK, why_not

_PROC = Path("/proc")
_LISTENING = "0A"
_OURS = frozenset({"gateway.main", "segmenter.main", "mattebox.up"})
"""Modules of which a command line tells a process of Mattebox."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port."""

    pid: int
    program: str
    is_mattebox: bool
    ancestors: tuple[int, ...]
    """Its parent first."""


@dataclass(frozen=True, slots=True)
class PortFacts:
    """One port; 0 is any free one."""

    purpose: str
    option: str
    host: str
    port: int
    error: int | None = None
    """The number of what keeps one from listening there; None where it is free."""

    reason: str = ""
    holder: Holder | None = None
    """None where it is free, and where the system does not tell this user."""


def gather(options: UpOptions) -> list[PortFacts]:
    """Looks at all four ports of `mattebox up`."""
    metrics = options.metrics_port
    after = metrics + 1 if metrics else 0
    return [
        _look("HTTP", "--port", options.host, options.port),
        _look("gRPC", "--grpc-port", LOOPBACK, options.grpc_port),
        _look("metrics", "--metrics-port", LOOPBACK, metrics),
        _look("2nd metrics", "--metrics-port", LOOPBACK, after),
    ]


def _look(purpose: str, option: str, host: str, port: int) -> PortFacts:
    error = why_not(host, port) if port else None
    if error is None:
        return PortFacts(purpose, option, host, port)
    reason = error.strerror or str(error)
    return PortFacts(purpose, option, host, port, error.errno or 0, reason, _holder(port))


def _holder(port: int) -> Holder | None:
    sockets = set(_listening_sockets(port))
    for pid in (int(path.name) for path in _PROC.glob("[0-9]*")):
        if not sockets.isdisjoint(_sockets_of(pid)):
            return _described(pid)
    return None


def _listening_sockets(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            address, state, inode = fields[1], fields[3], fields[9]
            if state == _LISTENING and int(address.rpartition(":")[2], 16) == port:
                yield f"socket:[{inode}]"


def _sockets_of(pid: int) -> Iterator[str]:
    try:
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            yield str(descriptor.readlink())
    except OSError:  # another user's, or it has just ended
        return


def _described(pid: int) -> Holder | None:
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        name = (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return None
    return Holder(pid, name, not _OURS.isdisjoint(words), tuple(_ancestors(pid)))


def _ancestors(pid: int) -> Iterator[int]:
    parent = keeper.parent_of(pid)
    while parent:
        yield parent
        parent = keeper.parent_of(parent)
