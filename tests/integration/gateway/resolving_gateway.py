"""Runs the gateway with a nameserver of the tests, and notes where it connects to.

python -m tests.integration.gateway.resolving_gateway HOST PORT FILE: names are asked for there, and
each address that the process opens a connection to becomes a line of FILE. gRPC connects beside it,
unseen: it is no Python.
"""

import socket
import sys
from pathlib import Path
from typing import Any

from dnslib import DNSRecord

from gateway.main import main
from tests.unit.gateway.fetch.nameserver import Endpoint

_PATIENCE_S = 5.0
_system_getaddrinfo = socket.getaddrinfo

Found = list[tuple[int, int, int, str, tuple[Any, ...]]]


class _Resolver:
    """Stands where the system's resolver does."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def getaddrinfo(self, host: str, *rest: Any, **more: Any) -> Found:
        """Takes everything for an address that the system does, and asks for the others."""
        numeric = {**more, "flags": more.get("flags", 0) | socket.AI_NUMERICHOST}
        try:
            return self._system(host, *rest, **numeric)
        except socket.gaierror:
            found = [
                address
                for kind in ("A", "AAAA")
                for record in self._ask(host, kind)
                for address in self._system(str(record.rdata), *rest, **numeric)
            ]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return found

    def _system(self, host: str, *rest: Any, **more: Any) -> Found:
        return list(_system_getaddrinfo(host, *rest, **more))

    def _ask(self, name: str, kind: str) -> list[Any]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(_PATIENCE_S)
            asking.connect(self._endpoint)
            asking.send(DNSRecord.question(name, kind).pack())
            return list(DNSRecord.parse(asking.recv(4096)).rr)


def _note_connections(path: Path) -> None:
    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            connecting, address = arguments
            if connecting.type == socket.SOCK_STREAM and connecting.family != socket.AF_UNIX:
                with path.open("a") as file:
                    file.write(f"{address[0]}\n")

    path.touch()
    sys.addaudithook(note)


if __name__ == "__main__":
    _name, _port, _file = sys.argv[1:]
    del sys.argv[1:]
    _note_connections(Path(_file))
    socket.getaddrinfo = _Resolver((_name, int(_port))).getaddrinfo  # type: ignore[assignment]
    main()
