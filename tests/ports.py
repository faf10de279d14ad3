"""Ports for servers that tests start."""

import socket


def free_port(host: str) -> int:
    """Finds a port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
