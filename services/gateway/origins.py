"""How browsers name the origin of a page: scheme, host and, where it is not the usual one, port."""

import re

ANY_ORIGIN = "*"

_HOST = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?:{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_USUAL_PORTS = {"http": 80, "https": 443}


def is_origin(text: str) -> bool:
    """Says whether a browser could send ``text`` as the origin of a page it has from a server."""
    parts = _ORIGIN.fullmatch(text)
    if parts is None or parts["port"] is None:
        return parts is not None
    port = int(parts["port"])
    return port <= 65_535 and port != _USUAL_PORTS[parts["scheme"]]
