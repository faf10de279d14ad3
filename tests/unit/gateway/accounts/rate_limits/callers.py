"""Callers with limits, what limiters say to them, and a clock that is set by hand."""

from collections import Counter
from dataclasses import dataclass

from gateway.accounts.caller import Account, Caller, RateLimits
from gateway.accounts.keys import Mode
from gateway.accounts.rate_limits import RateLimiter
from gateway.errors import RateLimitedError


@dataclass
class Clock:
    """Gives the seconds that it is set to."""

    now_s: float

    def __call__(self) -> float:
        return self.now_s


def caller(
    requests: int | None = None,
    megapixels: int | None = None,
    *,
    key_id: str = "kkkkkkkkkkkk",
    mode: Mode = "live",
) -> Caller:
    account = Account(1, "someone@example.com", "standard", suspended=False)
    return Caller(key_id, mode, "tok_fp_01234567", account, RateLimits(requests, megapixels))


def is_degraded(limiter: RateLimiter) -> bool:
    return limiter.degraded


async def is_admitted(limiter: RateLimiter, sender: Caller) -> bool:
    try:
        await limiter.admit(sender)
    except RateLimitedError:
        return False
    return True


async def admitted(limiter: RateLimiter, sender: Caller, requests: int) -> int:
    """How many of so many requests, one after the other, are admitted."""
    return Counter([await is_admitted(limiter, sender) for _ in range(requests)])[True]
