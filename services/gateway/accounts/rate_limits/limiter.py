"""Holds callers to the rate limits of their keys."""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from limits.aio.storage import MemoryStorage

from gateway.accounts.caller import Caller, RateLimits
from gateway.accounts.rate_limits.counters import Counters, StoredCounters
from gateway.accounts.rate_limits.fallback import FallbackCounters
from gateway.accounts.rate_limits.storage import open_shared_storage
from gateway.accounts.rate_limits.verdict import (
    KILOPIXELS_PER_MEGAPIXEL,
    Decision,
    RateState,
    Refusal,
    Unit,
)
from gateway.circuit import Circuit
from gateway.errors import RateLimitedError
from gateway.settings import LimiterSettings
from gateway.valkey_pool import MEMORY_URL

_UNLIMITED = RateLimits(requests_per_minute=None, megapixels_per_minute=None)
_PIXELS_PER_KILOPIXEL = 1_000_000 // KILOPIXELS_PER_MEGAPIXEL

_MESSAGES: dict[Unit, str] = {
    "requests": "This API key has used up its requests of this minute. Try again later.",
    "megapixels": "This API key has used up its megapixels of this minute. Try again later.",
}


class RateLimiter:
    """Requests and megapixels a minute for each key. Callers that are not metered have no limit."""

    def __init__(
        self,
        counters: Counters,
        circuit: Circuit | None = None,
        on_decision: Callable[[Decision], None] = lambda _: None,
    ) -> None:
        """Counts with ``counters``; ``on_decision`` hears what becomes of each request."""
        self._counters = counters
        self._circuit = circuit
        self._on_decision = on_decision

    @property
    def degraded(self) -> bool:
        """Whether the shared counters are down, so that each gateway counts for itself."""
        return self._circuit is not None and self._circuit.is_open

    async def admit(self, caller: Caller) -> RateState | None:
        """Counts one request and returns where the key then stands; None if it has no limit.

        The state is that of requests; where only megapixels are limited, that of megapixels, whole
        ones, before this request. A refused request is not counted.

        Raises:
            RateLimitedError: the requests or the megapixels of the last minute are used up. Its
                headers hold Retry-After and the state.
        """
        if not caller.metered or caller.limits == _UNLIMITED:
            return None
        verdict = await self._counters.admit(caller.key_id, caller.limits)
        if verdict is None:
            return None
        if verdict.refusal is not None:
            self._on_decision(verdict.refusal.decision)
            raise _refused(verdict.refusal, verdict.state)
        self._on_decision(Decision.ALLOWED)
        return verdict.state

    async def debit(self, caller: Caller, pixels: int) -> None:
        """Counts the pixels of a finished answer, rounded up to thousandths of a megapixel.

        They count in full, so that all that a key can use beyond its limit is in the answers that
        were under way when it was reached.
        """
        if caller.metered and caller.limits.megapixels_per_minute is not None and pixels > 0:
            kilopixels = math.ceil(pixels / _PIXELS_PER_KILOPIXEL)
            await self._counters.debit(caller.key_id, kilopixels)


@asynccontextmanager
async def open_rate_limiter(
    settings: LimiterSettings,
    on_fallback: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
    on_decision: Callable[[Decision], None] = lambda _: None,
) -> AsyncIterator[RateLimiter]:
    """Opens the limiter that the settings name. Shared counters may be down at first.

    ``on_decision`` is told what becomes of each request of a key that has a limit.
    ``on_fallback`` is called for each request and each answer that is counted here, under limits
    divided by the number of gateways, since the shared counters do not answer. ``clock`` tells when
    these are asked again, in seconds.

    Raises:
        LimiterUrlError: the URL is none that can be used.
    """
    url = settings.url.get_secret_value()
    if url == MEMORY_URL:
        yield RateLimiter(StoredCounters(MemoryStorage()), on_decision=on_decision)
        return
    async with open_shared_storage(url, settings.timeout_s) as storage:
        circuit = Circuit(settings.retry_s, clock)
        shared = StoredCounters(storage)
        local = StoredCounters(MemoryStorage(), settings.gateways)
        counters = FallbackCounters(shared, local, circuit, settings.timeout_s, on_fallback)
        yield RateLimiter(counters, circuit, on_decision)


def _refused(refusal: Refusal, state: RateState) -> RateLimitedError:
    # At the end of the wait it is only just used up: the whole second after is the first to pass.
    retry_after_s = math.floor(refusal.wait_s) + 1
    error = RateLimitedError(_MESSAGES[refusal.unit], retry_after_s=retry_after_s)
    error.headers.update(state.headers())
    return error
