"""Bounds how many downloads run at a time: for a key at once, for a host in turn."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from gateway.errors import RateLimitedError
from gateway.fetch.look_ups import noted_look_ups
from gateway.fetch.outcomes import Outcome


class KeySlots:
    """A number of downloads for each key; more are refused.

    A download counts until its look-ups have ended, even those that it gave up: else one key with
    a silent nameserver would soon have all the threads for look-ups.
    """

    def __init__(self, per_key: int) -> None:
        self._per_key = per_key
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, key_id: str) -> Iterator[None]:
        """Holds a slot of a key while the block runs, and then its look-ups.

        Raises:
            RateLimitedError: if the key has no slot left.
        """
        if self._taken[key_id] >= self._per_key:
            error = RateLimitedError(
                f"Only {self._per_key} images at a time are downloaded for an API key."
                " Try again shortly."
            )
            error.detail = Outcome.TOO_MANY_DOWNLOADS.value
            raise error
        self._taken[key_id] += 1
        with noted_look_ups() as look_ups:
            try:
                yield
            finally:
                running = [look_up for look_up in look_ups if not look_up.done()]
                if running:
                    asyncio.gather(*running).add_done_callback(lambda _: self._free(key_id))
                else:
                    self._free(key_id)

    def _free(self, key_id: str) -> None:
        self._taken[key_id] -= 1
        if not self._taken[key_id]:
            del self._taken[key_id]


@dataclass(slots=True, eq=False)
class _Turns:
    free: asyncio.Semaphore
    users: int = 0


class HostSlots:
    """A number of downloads from each host; more wait, first come, first served."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._turns: dict[str, _Turns] = {}

    @asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        """Holds a slot of a host while the block runs, once there is one."""
        turns = self._turns.setdefault(host, _Turns(asyncio.Semaphore(self._per_host)))
        turns.users += 1
        try:
            async with turns.free:
                yield
        finally:
            turns.users -= 1
            if not turns.users:
                del self._turns[host]
