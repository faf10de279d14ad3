"""Counts requests and kilopixels of keys in a storage of the library ``limits``."""

import time
from collections.abc import Callable
from typing import Protocol

from limits.aio.storage import SlidingWindowCounterSupport

from gateway.accounts.caller import RateLimits
from gateway.accounts.rate_limits.verdict import (
    Budget,
    Refusal,
    Verdict,
    combine,
    kilopixels_key,
    megapixels_budget,
    requests_budget,
)
from gateway.accounts.rate_limits.window import PERIOD_S, Window

_UNLIMITED = 2**53
"""More than is ever counted, and still exact in the numbers of the server's scripts."""


class Counters(Protocol):
    """What counts, wherever that is."""

    async def admit(self, key_id: str, limits: RateLimits) -> Verdict | None:
        """Counts one request unless it is refused; None where nothing limits the key."""

    async def debit(self, key_id: str, kilopixels: int) -> None:
        """Counts ``kilopixels`` (thousands of pixels), however much is left."""


class StoredCounters:
    """Counters in one storage, which hold a key to its limits divided by ``gateways``.

    Several may share a storage: the step that counts is atomic there.
    """

    def __init__(
        self,
        storage: SlidingWindowCounterSupport,
        gateways: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._storage = storage
        self._gateways = gateways
        self._clock = clock

    async def admit(self, key_id: str, limits: RateLimits) -> Verdict | None:
        """Counts one request unless it is refused; None where nothing limits the key."""
        requests = requests_budget(key_id, limits, self._gateways)
        megapixels = megapixels_budget(key_id, limits, self._gateways)
        by_megapixels = await self._look(megapixels) if megapixels else None
        if requests is None:
            return by_megapixels
        if by_megapixels and by_megapixels.refusal:
            return combine(await self._look(requests), by_megapixels)
        return await self._take(requests)

    async def debit(self, key_id: str, kilopixels: int) -> None:
        """Counts ``kilopixels`` (thousands of pixels), however much is left.

        What goes beyond the limit is used up in advance: the key waits until the window has slid
        over it. Counting only what fits would let every image in that finds anything left.
        """
        await self._count(kilopixels_key(key_id), _UNLIMITED, kilopixels)

    async def _look(self, budget: Budget) -> Verdict:
        window = Window(*await self._storage.get_sliding_window(budget.key, PERIOD_S))
        return budget.verdict(window, self._clock())

    async def _take(self, budget: Budget) -> Verdict:
        taken = await self._count(budget.key, budget.limit, 1)
        verdict = await self._look(budget)
        if taken:
            return Verdict(verdict.state)
        # The window may have slid since the refusal, which stands all the same.
        return Verdict(verdict.state, verdict.refusal or Refusal(budget.unit, 0.0))

    async def _count(self, key: str, limit: int, amount: int) -> bool:
        return await self._storage.acquire_sliding_window_entry(key, limit, PERIOD_S, amount)
