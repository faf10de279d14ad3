"""Reads the URLs of images: what is accepted means one host to every reader. Pure."""

import re
from collections.abc import Container
from ipaddress import IPv6Address
from urllib.parse import urljoin

from yarl import URL

from gateway.errors import URL_CHARACTERS, InvalidImageUrlError
from gateway.fetch.addresses import parse_address

# Control characters, lone surrogates, and the backslash, which some take for a slash.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_URL = re.compile(r"(https?)://([^/?#]+)([^#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@%]+)(?::([0-9]{0,5}))?", re.IGNORECASE)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
# inet_aton takes such names for addresses: 127.1, 0x7f.1, 2130706433, 0177.0.0.1.
_NUMBER_AT_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_WELL_ENCODED = re.compile(r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")

_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_image_url(text: str, ports: Container[int], max_characters: int = URL_CHARACTERS) -> URL:
    """Reads an absolute http or https URL; the path is sent as it was written where it may be.

    The host is a name in lower-case ASCII without a dot at the end, or a canonical address. There
    is no fragment and no user, and the port is one of ``ports``.

    Raises:
        InvalidImageUrlError: if it is anything else.
    """
    if len(text) > max_characters or _FORBIDDEN.search(text):
        raise InvalidImageUrlError
    parts = _URL.match(text)
    authority = _AUTHORITY.fullmatch(parts[2]) if parts else None
    if parts is None or authority is None:
        raise InvalidImageUrlError
    scheme = parts[1].lower()
    port = int(authority[2] or _DEFAULT_PORTS[scheme])
    try:
        host = canonical_host(authority[1])
        url = _put_together(f"{scheme}://{_in_url(host)}:{port}", parts[3])
    except ValueError:
        # No cause is kept: its text holds the host.
        raise InvalidImageUrlError from None
    if port not in ports:
        raise InvalidImageUrlError("image_url names a port that is not allowed.")
    return url


def resolve_redirect(base: URL, location: str, ports: Container[int]) -> URL:
    """Returns where a ``Location``, absolute or relative to ``base``, leads.

    Raises:
        InvalidImageUrlError: if no image is fetched from there, whatever is behind it.
    """
    # Joining drops some control characters silently, and so must not come first.
    if len(location) > URL_CHARACTERS or _FORBIDDEN.search(location):
        raise InvalidImageUrlError
    try:
        joined = _joined(base, location)
    except ValueError:
        # No cause is kept: its text holds the location.
        raise InvalidImageUrlError from None
    return parse_image_url(joined, ports)


def canonical_host(text: str) -> str:
    """Returns the one spelling of a host: a name in lower-case ASCII, or an address.

    IPv6 addresses come in brackets and are returned without them.

    Raises:
        ValueError: if it is neither a host name nor a canonical address.
    """
    if text.startswith("["):
        return IPv6Address(text[1:-1]).compressed
    host = URL.build(scheme="http", host=text).raw_host or ""
    host = host.removesuffix(".")
    if not _HOST_NAME.fullmatch(host):
        raise ValueError("not a host name")
    if _NUMBER_AT_END.fullmatch(host) and parse_address(host) is None:
        raise ValueError("not a canonical address")
    return host


def _joined(base: URL, location: str) -> str:
    """Joins by paths only: readers differ on locations that lack a host where one should be."""
    if _SCHEME.match(location):
        return location
    if location.startswith("//"):
        return f"{base.scheme}:{location}"
    return urljoin(str(base), location)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _put_together(origin: str, rest: str) -> URL:
    """Keeps well encoded paths and queries as they are: signatures may cover every character."""
    url = URL(origin + rest, encoded=_WELL_ENCODED.fullmatch(rest) is not None)
    if url.host is None:  # reading it raises where a name is no valid Punycode
        raise ValueError("no host")
    return url
