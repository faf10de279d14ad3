"""How much each key may use in a minute, counted in this process or in a shared Valkey or Redis."""

from gateway.accounts.rate_limits.limiter import RateLimiter, open_rate_limiter
from gateway.accounts.rate_limits.storage import LimiterUrlError
from gateway.accounts.rate_limits.verdict import Decision, RateState

__all__ = ["Decision", "LimiterUrlError", "RateLimiter", "RateState", "open_rate_limiter"]
