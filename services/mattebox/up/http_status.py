"""Asks an HTTP server for one page and looks at the status only.

The standard library's client would take more memory than all the rest of `mattebox up`.
"""

import socket
from urllib.parse import urlsplit


def http_status(url: str, timeout_s: float) -> int | None:
    """Returns the status that a GET is answered with; None where there is no answer in time.

    Over TLS whoever answers is believed: the certificate names the host that clients call, and
    nothing secret is sent.
    """
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    address = (parts.hostname or "", parts.port or 80)
    try:
        with _connection(address, timeout_s, secure=parts.scheme == "https") as connection:
            connection.sendall(request.encode("ascii"))
            version, status = connection.makefile("rb").readline(256).split()[:2]
            return int(status) if version.startswith(b"HTTP/") else None
    except (OSError, ValueError):
        return None


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
