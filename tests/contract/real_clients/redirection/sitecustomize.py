"""What every interpreter of the clients' environment does first: keeps them in the machine.

Python imports a module of this name at its start, before any program. Requests of the library
`requests` to the services that clients know go to the server that REDIRECT_TO names; each is noted
in the file REDIRECT_LOG, a line of JSON each. With REDIRECT_NAMES the requests stay as they are,
and the names of the services lead to that server, as a hosts file would have them. Whoever reaches
for another host ends the process: some clients swallow every exception.
"""

import json
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

OURS = {"api.remove.bg", "clipdrop-api.co"}
LOOPBACK = "127.0.0.1"
ASTRAY = 97
NOT_SET_UP = 98


def ended(status: int, said: str) -> NoReturn:
    os.write(2, f"{said}\n".encode())
    os._exit(status)


def stay_on_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Ends the process at the first look at another host."""
    host: object = LOOPBACK
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else address
    if host not in {LOOPBACK, LOOPBACK.encode()}:
        ended(ASTRAY, f"astray: {event} {host!r}")


def rewritten(url: str, server: str) -> str:
    """The URL at the server, of one at a service that clients know."""
    asked = urlsplit(url)
    if asked.hostname not in OURS:
        return url
    return urlunsplit(("http", server, asked.path, asked.query, ""))


def lead_names_to(server: str) -> None:
    """Resolves the names of the services to the server, its port included."""
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *options: Any, **named: Any) -> Any:
        if host in OURS:
            host, _, port = server.partition(":")
        return original(host, port, *options, **named)

    socket.getaddrinfo = getaddrinfo


def watch_requests(server: str | None, log: Path) -> None:
    """Notes requests and what answers them; where there is a server, sends them to it."""
    # Not before the look-out has been posted.
    from requests import PreparedRequest, Response  # noqa: PLC0415
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    original = HTTPAdapter.send

    def send(self: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        asked_url = str(request.url)
        if server is not None:
            request.url = rewritten(asked_url, server)
        response = original(self, request, **options)
        exchange = {
            "method": request.method,
            "url": asked_url,
            "sent_type": str(request.headers.get("Content-Type", "")),
            "status": response.status_code,
            "headers": dict(response.headers),
        }
        with log.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(exchange) + "\n")
        return response

    HTTPAdapter.send = send  # type: ignore[method-assign,assignment]


def main() -> None:
    """Redirects whatever program follows."""
    sys.addaudithook(stay_on_loopback)
    server, log = os.environ["REDIRECT_TO"], Path(os.environ["REDIRECT_LOG"])
    if "REDIRECT_NAMES" in os.environ:
        lead_names_to(server)
        watch_requests(None, log)
    else:
        watch_requests(server, log)


try:
    main()
except BaseException:  # noqa: BLE001 - Python would go on without this module
    ended(NOT_SET_UP, traceback.format_exc())
