"""Opens the store of results that the settings name."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from valkey.asyncio import Valkey

from gateway.circuit import Circuit
from gateway.results.memory import MemoryResults
from gateway.results.shared import SharedResults
from gateway.results.store import Results
from gateway.settings import MIB, DialectsSettings
from gateway.valkey_pool import MEMORY_URL, ServerUrlError, open_pool

_SWEEP_S = 1.0
"""How much later than its time a result leaves the memory, though nobody asks for any."""


class ResultsUrlError(ServerUrlError):
    """The URL of the results' server is none that can be used. The message does not hold it."""

    setting = "MATTEBOX_GATEWAY_DIALECTS_RESULTS_URL"


@asynccontextmanager
async def open_results(
    settings: DialectsSettings,
    clock: Callable[[], float] = time.monotonic,
    sweep_s: float = _SWEEP_S,
) -> AsyncIterator[Results]:
    """Opens the store, whose server may be down at first. ``clock`` gives seconds.

    Raises:
        ResultsUrlError: the URL is none that can be used.
    """
    url = settings.results_url.get_secret_value()
    budget_bytes = settings.results_mb * MIB
    if url == MEMORY_URL:
        results = MemoryResults(settings.results_ttl_s, budget_bytes, clock)
        sweeping = asyncio.create_task(_sweep(results, sweep_s))
        try:
            yield results
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
        return
    timeout_s = settings.results_timeout_s
    async with open_pool(url, timeout_s, ResultsUrlError) as pool:
        circuit = Circuit(settings.results_retry_s, clock)
        client = Valkey(connection_pool=pool)
        ttl_s = settings.results_ttl_s
        yield SharedResults(client, circuit, ttl_s, budget_bytes, timeout_s, clock=clock)


async def _sweep(results: MemoryResults, sweep_s: float) -> None:
    while True:
        await asyncio.sleep(sweep_s)
        results.drop_expired()
