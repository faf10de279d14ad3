"""The ports of all services: those the operator wants, and free ones for Triton's loopback."""

import errno
import os
import random
import socket
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from mattebox.up.errors import CannotStartError
from mattebox.up.options import UpOptions

LOOPBACK = "127.0.0.1"

# Below Linux's range for outgoing connections. A port out of that range could be taken by one
# while Triton restarts; the segmenter's own attempts to reconnect could even meet themselves.
_OWN_CHOICE = range(20_000, 32_768)
_ATTEMPTS = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the services listen, apart from Triton."""

    http: int
    grpc: int
    metrics: int
    segmenter_metrics: int

    @property
    def all(self) -> frozenset[int]:
        """All of them, less than four where two are the same."""
        return frozenset((self.http, self.grpc, self.metrics, self.segmenter_metrics))


def claim(options: UpOptions) -> Ports:
    """Checks that the wanted ports are free; 0 stands for any free one.

    Raises:
        CannotStartError: one is taken, or must not be used.
    """
    own = iter(free_ports(4, but_not={options.port, options.grpc_port, options.metrics_port}))
    metrics = options.metrics_port
    ports = Ports(
        http=options.port or next(own),
        grpc=options.grpc_port or next(own),
        metrics=metrics or next(own),
        segmenter_metrics=metrics + 1 if metrics else next(own),
    )
    if len(ports.all) < 4:
        raise CannotStartError(
            f"The ports overlap: {ports.http} for HTTP, {ports.grpc} for gRPC, {ports.metrics}"
            f" and {ports.segmenter_metrics} for metrics. Choose four different ones."
        )
    _check(options.host, ports.http, "--port")
    _check(LOOPBACK, ports.grpc, "--grpc-port")
    _check(LOOPBACK, ports.metrics, "--metrics-port")
    _check(LOOPBACK, ports.segmenter_metrics, "--metrics-port, which also takes the next one")
    return ports


def free_ports(count: int, but_not: Collection[int] = ()) -> list[int]:
    """Picks different free ports of the loopback, which another program may still take first.

    Raises:
        CannotStartError: there are not as many.
    """
    candidates = random.sample(_OWN_CHOICE, _ATTEMPTS)
    free = (port for port in candidates if port not in but_not and not why_not(LOOPBACK, port))
    picked = list(islice(free, count))
    if len(picked) < count:
        raise CannotStartError(
            f"There are not enough free ports from {_OWN_CHOICE.start} to {_OWN_CHOICE.stop - 1}."
            " Stop programs that listen there."
        )
    return picked


def _check(host: str, port: int, option: str) -> None:
    error = why_not(host, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        raise CannotStartError(
            f"Port {port} is taken by another program. Stop it (`mattebox doctor` tells which it"
            f" is), or choose another port with {option}."
        )
    if error.errno == errno.EACCES:
        raise CannotStartError(
            f"Port {port} is reserved for privileged programs."
            f" Choose one from 1024 on with {option}."
        )
    raise CannotStartError(
        f"Cannot listen on {host}, port {port}: {error.strerror or error}. Name an address of this"
        " machine with --host: 127.0.0.1 for itself, 0.0.0.0 for all."
    )


def why_not(host: str, port: int) -> OSError | None:
    """Tells why nobody can listen on a port; None if one can, and it is free."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            if os.name == "posix":  # connections of an earlier run that linger are no obstacle
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        return error
    return None
