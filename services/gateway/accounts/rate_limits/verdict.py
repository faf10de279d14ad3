"""Judges whether a key may send a request, by what it used in the last minute. Pure."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gateway.accounts.caller import RateLimits
from gateway.accounts.rate_limits.window import Window

KILOPIXELS_PER_MEGAPIXEL = 1000

Unit = Literal["requests", "megapixels"]


class Decision(StrEnum):
    """What becomes of a request of a key that has a limit."""

    ALLOWED = "allowed"
    REQUESTS_EXCEEDED = "requests_exceeded"
    MEGAPIXELS_EXCEEDED = "megapixels_exceeded"


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a key stands: whole requests a minute, or megapixels if only these are limited.

    ``remaining`` is 0 to ``limit``; at ``reset_at_s``, in Unix seconds, it next grows. While the
    shared counters are down, both are this gateway's share.
    """

    limit: int
    remaining: int
    reset_at_s: float

    def headers(self) -> dict[str, str]:
        """Returns the header fields that tell it to the caller, the time as the second after it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.floor(self.reset_at_s) + 1),
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is used up, and the seconds until it is no longer."""

    unit: Unit
    wait_s: float

    @property
    def decision(self) -> Decision:
        """What is decided so."""
        return Decision(f"{self.unit}_exceeded")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the key stands, and why it is refused if it is."""

    state: RateState
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit of a key: ``limit`` counts a minute, of which ``counts_per_unit`` make a unit."""

    unit: Unit
    key: str
    limit: int
    counts_per_unit: int

    def state(self, window: Window, now_s: float) -> RateState:
        """Returns where ``window`` stands at ``now_s``, in Unix seconds."""
        remaining = max(0, self.limit - window.used) // self.counts_per_unit
        grown = max(0, self.limit - self.counts_per_unit * (remaining + 1))
        limit = math.ceil(self.limit / self.counts_per_unit)
        return RateState(limit, remaining, now_s + window.falls_to_s(grown))

    def verdict(self, window: Window, now_s: float) -> Verdict:
        """Judges ``window``, of which one more count is wanted."""
        refusal = None
        if window.used >= self.limit:
            refusal = Refusal(self.unit, window.falls_to_s(self.limit - 1))
        return Verdict(self.state(window, now_s), refusal)


def requests_budget(key_id: str, limits: RateLimits, gateways: int = 1) -> Budget | None:
    """Returns what one of so many ``gateways`` grants, rounded up; None where nothing limits it."""
    requests = limits.requests_per_minute
    if requests is None:
        return None
    return Budget("requests", requests_key(key_id), math.ceil(requests / gateways), 1)


def megapixels_budget(key_id: str, limits: RateLimits, gateways: int = 1) -> Budget | None:
    """As ``requests_budget``, counted in thousandths of a megapixel."""
    megapixels = limits.megapixels_per_minute
    if megapixels is None:
        return None
    share = math.ceil(megapixels * KILOPIXELS_PER_MEGAPIXEL / gateways)
    return Budget("megapixels", kilopixels_key(key_id), share, KILOPIXELS_PER_MEGAPIXEL)


def requests_key(key_id: str) -> str:
    """Returns the name of the counter of a key's requests."""
    return f"requests/{key_id}"


def kilopixels_key(key_id: str) -> str:
    """Returns the name of the counter of a key's thousandths of a megapixel."""
    return f"kilopixels/{key_id}"


def combine(by_requests: Verdict, by_megapixels: Verdict) -> Verdict:
    """Returns where the requests stand, with the refusal that lasts longer if there is any."""
    refusals = filter(None, (by_requests.refusal, by_megapixels.refusal))
    longest = max(refusals, key=lambda refusal: refusal.wait_s, default=None)
    return Verdict(by_requests.state, longest)
