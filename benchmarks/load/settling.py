"""Memory of processes once they have come to rest."""

import time
from collections.abc import Callable

from benchmarks.load import processes


def settled_pss_bytes(root: int, patience_s: float = 6.0) -> int:
    """Waits until the sum changes no more, by 1 % in half a second, and tells it."""
    give_up_s = time.monotonic() + patience_s
    last_bytes = processes.pss_bytes(root)
    while time.monotonic() < give_up_s:
        time.sleep(0.5)
        now_bytes = processes.pss_bytes(root)
        if abs(now_bytes - last_bytes) <= 0.01 * last_bytes:
            return now_bytes
        last_bytes = now_bytes
    return last_bytes


def least(look: Callable[[], int], looks: int, every_s: float = 1.0) -> int:
    """Looks so many times and tells the least: what comes and goes meanwhile is not held."""
    found = look()
    for _ in range(looks - 1):
        time.sleep(every_s)
        found = min(found, look())
    return found
