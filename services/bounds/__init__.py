"""Bounds that both services keep to, on bytes and retries, and what they remember of callers."""

from bounds.lately import Lately
from bounds.retries import RetryBudget
from bounds.shared_bytes import Share, SharedBytes, limit_for

__all__ = ["Lately", "RetryBudget", "Share", "SharedBytes", "limit_for"]
