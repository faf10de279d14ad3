"""Asks an HTTP server for one page, mostly for the sake of its status.

The standard library's client would take more memory than all the rest of `mattebox up`.
"""

import socket
from urllib.parse import urlsplit

_LARGEST_PAGE_BYTES = 2**20


def http_status(url: str, timeout_s: float) -> int | None:
    """Returns the status that a GET is answered with; None where there is no answer in time.

    Over TLS whoever answers is believed: the certificate names the host that clients call, and
    nothing secret is sent.
    """
    try:
        with _asked(url, timeout_s) as connection, connection.makefile("rb") as answer:
            return _status(answer.readline(256))
    except (OSError, ValueError):
        return None


def http_page(url: str, timeout_s: float) -> str | None:
    """Returns the text that a GET is answered with; None where it does not come with a 200."""
    try:
        with _asked(url, timeout_s) as connection, connection.makefile("rb") as answer:
            head, _, page = answer.read(_LARGEST_PAGE_BYTES).partition(b"\r\n\r\n")
            return page.decode() if _status(head) == 200 else None
    except (OSError, ValueError):
        return None


def _asked(url: str, timeout_s: float) -> socket.socket:
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    address = (parts.hostname or "", parts.port or 80)
    connection = _connection(address, timeout_s, secure=parts.scheme == "https")
    try:
        connection.sendall(request.encode("ascii"))
    except OSError:
        connection.close()
        raise
    return connection


def _connection(address: tuple[str, int], timeout_s: float, *, secure: bool) -> socket.socket:
    connection = socket.create_connection(address, timeout_s)
    if not secure:
        return connection
    import ssl  # noqa: PLC0415  takes memory for as long as the service

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(connection)
    except OSError:
        connection.close()
        raise


def _status(line: bytes) -> int | None:
    version, status = line.split()[:2]
    return int(status) if version.startswith(b"HTTP/") else None
