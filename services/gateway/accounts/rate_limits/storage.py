"""Opens what holds the counters where that is a Valkey or Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits.aio.storage import RedisStorage

from gateway.valkey_pool import ServerUrlError, open_pool

_KEY_PREFIX = "mattebox"


class LimiterUrlError(ServerUrlError):
    """The URL of the counters is none that can be used. The message does not hold it."""

    setting = "MATTEBOX_GATEWAY_LIMITER_URL"


@asynccontextmanager
async def open_shared_storage(url: str, timeout_s: float) -> AsyncIterator[RedisStorage]:
    """Opens the counters at ``url``; connects when they are first asked, so they may be down now.

    Raises:
        LimiterUrlError: ``url`` is none.
    """
    async with open_pool(url, timeout_s, LimiterUrlError) as pool:
        # The URL stays with the pool: the library's errors quote theirs.
        yield RedisStorage(
            "async+valkey://",
            key_prefix=_KEY_PREFIX,
            connection_pool=pool,  # type: ignore[arg-type]  # documented, yet not in the signature
        )
