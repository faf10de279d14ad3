"""What is told where a result finds no room, and remembered, so that none is made in vain."""

import time
from collections.abc import Callable

from bounds import Lately, most_for_one
from gateway.errors import ImageTooLargeError, OverloadedError
from gateway.settings import MIB

LONGEST_WAIT_S = 60.0
"""Nobody is told to wait for longer: others may fetch theirs meanwhile."""

_LEAST_BYTES = 1


class Refusals:
    """Words the refusals of a store of ``budget_bytes``, and remembers of what size the last was.

    A holder's next results are likely as large. But they may be smaller: the size is forgotten
    after the longest time that is told, so that one is tried then.
    """

    def __init__(self, budget_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = most_for_one(budget_bytes)
        self._last: Lately[int] = Lately(LONGEST_WAIT_S, clock)

    def likely_bytes(self, holder: str) -> int:
        """Tells for how many bytes there has to be room, before a result of a holder is made."""
        return self._last.get(holder) or _LEAST_BYTES

    def check_size(self, size_bytes: int) -> None:
        """Returns if a result fits into an empty store.

        Raises:
            ImageTooLargeError: it does not, so that it is of no use to try again.
        """
        if size_bytes > self._most_bytes:
            raise ImageTooLargeError(
                f"image too large (its result has more than {self._most_bytes / MIB:g} MB, three "
                "quarters of MATTEBOX_GATEWAY_DIALECTS_RESULTS_MB)."
            )

    def refuse(self, holder: str, size_bytes: int, wait_s: float) -> OverloadedError:
        """Returns the refusal of a result that was made, and remembers it.

        ``wait_s`` is the time until the next result expires that was not fetched.
        """
        self._last.note(holder, size_bytes)
        return full(wait_s)


def full(wait_s: float) -> OverloadedError:
    """Returns the refusal of what finds no room until the next result expires."""
    return OverloadedError(
        "The results that wait to be fetched leave no room for another. Fetch them, or try again.",
        retry_after_s=min(wait_s, LONGEST_WAIT_S),
    )
