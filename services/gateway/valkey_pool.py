"""Opens the connections to a Valkey or Redis. The only place that reads the URL of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar
from urllib.parse import urlsplit

from valkey.asyncio import BlockingConnectionPool
from valkey.exceptions import ValkeyError

MEMORY_URL = "memory://"
"""Stands for no server at all."""

_SCHEMES = frozenset({"redis", "rediss", "valkey", "valkeys"})
_CONNECTIONS = 32
"""Most connections to the server; calls beyond wait their turn within their time."""


class ServerUrlError(ValueError):
    """The URL of a server is none that can be used. The message does not hold it."""

    setting: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(
            f"{self.setting} must be memory:// or "
            "redis|rediss|valkey|valkeys://[USER:PASSWORD@]HOST[:PORT][/DATABASE NUMBER]."
        )


@asynccontextmanager
async def open_pool(
    url: str, timeout_s: float, refusal: type[ServerUrlError]
) -> AsyncIterator[BlockingConnectionPool]:
    """Opens a pool that connects when it is first used, so that the server may be down now.

    Raises:
        ServerUrlError: ``url`` is none; it is a ``refusal``, which names the setting.
    """
    pool = _pool(url, timeout_s, refusal)
    try:
        yield pool
    finally:
        with suppress(ValkeyError, OSError):
            await pool.aclose()


def _pool(url: str, timeout_s: float, refusal: type[ServerUrlError]) -> BlockingConnectionPool:
    try:
        if not _is_known(url):
            raise refusal
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            lib_name=None,
            lib_version=None,
        )
        # Options that the client does not know show only when a connection is made.
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, AttributeError, ValkeyError):
        raise refusal from None
    return pool


def _is_known(url: str) -> bool:
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    known = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    return known and (not database or database.isdecimal())
