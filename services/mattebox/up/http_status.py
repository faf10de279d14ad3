"""Asks an HTTP server for one page and looks at the status only.

The standard library's client would take more memory than all the rest of `mattebox up`.
"""

import socket
from urllib.parse import urlsplit


def http_status(url: str, timeout_s: float) -> int | None:
    """Returns the status that a GET is answered with; None where there is no answer in time."""
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    address = (parts.hostname or "", parts.port or 80)
    try:
        with socket.create_connection(address, timeout_s) as connection:
            connection.sendall(request.encode("ascii"))
            version, status = connection.makefile("rb").readline(256).split()[:2]
            return int(status) if version.startswith(b"HTTP/") else None
    except (OSError, ValueError):
        return None
