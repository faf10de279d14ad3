"""Asks the shared counters while they answer in time, and this process's own while they do not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.accounts.caller import RateLimits
from gateway.accounts.rate_limits.counters import Counters
from gateway.accounts.rate_limits.verdict import Verdict
from gateway.circuit import Circuit

_Answer = TypeVar("_Answer")


class FallbackCounters:
    """Counters that always answer, ``timeout_s`` late at most, whatever the shared ones do.

    ``on_fallback`` is called for each question that the local ones answer.
    """

    def __init__(
        self,
        shared: Counters,
        local: Counters,
        circuit: Circuit,
        timeout_s: float,
        on_fallback: Callable[[], None],
    ) -> None:
        self._shared = shared
        self._local = local
        self._circuit = circuit
        self._timeout_s = timeout_s
        self._on_fallback = on_fallback

    async def admit(self, key_id: str, limits: RateLimits) -> Verdict | None:
        """Counts one request unless it is refused; None where nothing limits the key."""
        return await self._ask(lambda counters: counters.admit(key_id, limits))

    async def debit(self, key_id: str, kilopixels: int) -> None:
        """Counts ``kilopixels`` (thousands of pixels), however much is left."""
        await self._ask(lambda counters: counters.debit(key_id, kilopixels))

    async def _ask(self, question: Callable[[Counters], Awaitable[_Answer]]) -> _Answer:
        attempt = self._circuit.begin()
        if attempt is not None:
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await question(self._shared)
            except Exception:  # noqa: BLE001 - no fault of theirs may fail a request, or be quoted
                self._circuit.fail(attempt)
            else:
                self._circuit.succeed(attempt)
                return answer
        self._on_fallback()
        return await question(self._local)
