"""Bounds that both services keep to, and what they remember of callers."""

from bounds.lately import Lately
from bounds.pixels import fitted_size
from bounds.retries import RetryBudget
from bounds.shared_bytes import TIMES_WHAT_IS_FREE, Share, SharedBytes, limit_for, most_for_one

__all__ = [
    "TIMES_WHAT_IS_FREE",
    "Lately",
    "RetryBudget",
    "Share",
    "SharedBytes",
    "fitted_size",
    "limit_for",
    "most_for_one",
]
