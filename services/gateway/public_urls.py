"""Tells what a URL of this service may be that others are told of, who go on with a path."""

import re
from ipaddress import IPv6Address

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"(?=[^/:]{{1,253}}(?:[/:]|\Z)){_LABEL}(?:\.{_LABEL})*"
_PATH = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*/?"
_URL = re.compile(
    rf"https?://(?:{_HOST}|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[1-9][0-9]{{0,4}}))?{_PATH}"
)
_LAST_PORT = 65_535


def is_public_url(text: str) -> bool:
    """Tells whether ``text`` is http or https, a host, maybe a port and a path, and no more."""
    parts = _URL.fullmatch(text)
    if parts is None or int(parts["port"] or 1) > _LAST_PORT:
        return False
    return parts["v6"] is None or _is_address(parts["v6"])


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
