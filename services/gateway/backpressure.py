"""Refuses at the head of a request what the segmenters would refuse after its body."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bounds import Lately
from gateway.errors import OverloadedError, UnavailableError

_HEEDED_S = 0.25
"""How long a refusal stands for all requests of its caller. Queues are deep enough not to run
empty meanwhile."""

_WARY_S = 5.0
"""How long after the last refusal the segmenters are asked before a body is read."""


class Segmenters(Protocol):
    """What is asked of them."""

    def unreachable(self) -> bool:
        """Tells whether it is certain that none can be called now."""

    async def retry_after_s(self, caller: str) -> float | None:
        """Asks whether they would take on an image; else tells after what time to ask again."""


@dataclass(slots=True)
class Refusal:
    """The last one of a caller."""

    retry_after_s: float
    question: asyncio.Task[float | None] | None = None
    """What all requests of the caller that come meanwhile wait for the answer of."""


class RecentRefusals:
    """What segmenters refused lately, by the caller."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.last: Lately[Refusal] = Lately(_WARY_S, clock)

    def note(self, caller: str, retry_after_s: float) -> None:
        """Remembers that a caller was refused now."""
        self.last.note(caller, Refusal(retry_after_s))


class Backpressure:
    """Asks the segmenters about callers that were refused lately; others it lets pass."""

    def __init__(self, refusals: RecentRefusals, segmenters: Segmenters) -> None:
        self._refusals = refusals
        self._segmenters = segmenters

    async def check(self, caller: str) -> None:
        """Returns if it makes sense to read the body of a request of this caller.

        Raises:
            OverloadedError: the segmenters would refuse it.
            UnavailableError: there is none.
        """
        if self._segmenters.unreachable():
            raise UnavailableError
        refusal = self._refusals.last.get(caller)
        if refusal is None:
            return
        if self._refusals.last.age_s(caller) < _HEEDED_S:
            raise OverloadedError(retry_after_s=refusal.retry_after_s)
        if refusal.question is None:
            refusal.question = asyncio.create_task(self._ask(caller, refusal))
        # Those who leave meanwhile leave the question to the others.
        retry_after_s = await asyncio.shield(refusal.question)
        if retry_after_s is not None:
            raise OverloadedError(retry_after_s=retry_after_s)

    async def _ask(self, caller: str, refusal: Refusal) -> float | None:
        try:
            retry_after_s = await self._segmenters.retry_after_s(caller)
        finally:
            refusal.question = None
        if retry_after_s is not None:
            self._refusals.note(caller, retry_after_s)
        return retry_after_s
