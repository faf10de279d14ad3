"""Opens what holds the counters: memory, or a Valkey or Redis. The only place that sees its URL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from limits.aio.storage import RedisStorage
from valkey.asyncio import BlockingConnectionPool
from valkey.exceptions import ValkeyError

MEMORY_URL = "memory://"

_SCHEMES = frozenset({"redis", "rediss", "valkey", "valkeys"})
_KEY_PREFIX = "mattebox"
_CONNECTIONS = 32
"""Most connections to the server; calls beyond wait their turn within their time."""


class LimiterUrlError(ValueError):
    """The URL of the counters is none that can be used. The message does not hold it."""

    def __init__(self) -> None:
        super().__init__(
            "MATTEBOX_GATEWAY_LIMITER_URL must be memory:// or "
            "redis|rediss|valkey|valkeys://[USER:PASSWORD@]HOST[:PORT][/DATABASE NUMBER]."
        )


@asynccontextmanager
async def open_shared_storage(url: str, timeout_s: float) -> AsyncIterator[RedisStorage]:
    """Opens the counters at ``url``; connects when they are first asked, so they may be down now.

    Raises:
        LimiterUrlError: ``url`` is none.
    """
    pool = _connection_pool(url, timeout_s)
    # The URL stays with the pool: the library's errors quote theirs.
    storage = RedisStorage(
        "async+valkey://",
        key_prefix=_KEY_PREFIX,
        connection_pool=pool,  # type: ignore[arg-type]  # documented, yet not in the signature
    )
    try:
        yield storage
    finally:
        with suppress(ValkeyError, OSError):
            await pool.aclose()


def _connection_pool(url: str, timeout_s: float) -> BlockingConnectionPool:
    try:
        _check(url)
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
        raise LimiterUrlError from None
    return pool


def _check(url: str) -> None:
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    known = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    if not known or (database and not database.isdecimal()):
        raise LimiterUrlError
