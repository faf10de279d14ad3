"""How fast work gets done, and so how long more of it will take. Pure but for its clock."""

import time
from collections.abc import Callable

from bounds import Lately

_RUN_PX = 8_000_000
"""What a run of the network takes, in pixels of decoding to encoding that take as long on a CPU.

Where a GPU runs it, this is too much for small pictures beside large ones; the pace that is seen
makes up for it unless the mixture changes suddenly.
"""

_NEWEST_WEIGHT = 0.1
"""Share of the newest observation in moving means."""

_IDLE_WEIGHT = 0.005
"""The same of one that was made while little was in work."""

_UNSEEN = 2.0
"""How many times the pace of single pictures many at a time are taken to come to, unseen."""

_STANDING_SHARE = 0.25
"""Share of the longest wait that is still granted to a caller some of whose pictures are refused.

A burst may fill the queue; a load that lasts would keep it full, and everybody waiting for long
after it has ended. A quarter does not run empty either, unless a picture takes seconds.
"""

_LASTING_S = 5.0
"""How long after the last refusal that holds."""


def work_px(pixels: int) -> int:
    """Tells how much work a picture is."""
    return pixels + _RUN_PX


class Pace:
    """What is known of the work that was finished: how much a second, and of what size.

    By Little's law what is finished a second is what is in work over the time that each takes.
    Where little is in work that is less than what many at a time would come to: it tells next to
    nothing once more has been seen, and at first counts double.
    """

    def __init__(self) -> None:
        self._px_per_s = 0.0
        self._was_busy = False
        self.usual_px = 1_000_000.0
        """The mean size of pictures."""

    def observe(self, pixels: int, in_work_px: float, hold_s: float, *, is_busy: bool) -> None:
        """Learns from a picture that was finished, beside so much work in the mean."""
        seen_px_per_s = in_work_px / max(hold_s, 1e-6)
        weight = _NEWEST_WEIGHT if self._px_per_s else 1.0
        self.usual_px += weight * (pixels - self.usual_px)
        if self._was_busy and not is_busy and seen_px_per_s < self._px_per_s:
            weight = _IDLE_WEIGHT
        self._px_per_s += weight * (seen_px_per_s - self._px_per_s)
        self._was_busy |= is_busy

    def seconds(self, work_px: int) -> float:
        """Tells how long so much work takes; 0 as long as nothing was finished."""
        px_per_s = self._px_per_s if self._was_busy else _UNSEEN * self._px_per_s
        return work_px / px_per_s if px_per_s else 0.0


class Patience:
    """How long a picture of a caller may be expected to take."""

    def __init__(self, longest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_s = longest_s
        self._refused: Lately[bool] = Lately(_LASTING_S, clock)

    def longest_s(self, caller: str) -> float:
        """Tells the longest time that is granted."""
        return self._longest_s * (_STANDING_SHARE if self._refused.get(caller) else 1.0)

    def note_refusal(self, caller: str) -> None:
        """Remembers that a picture was refused now."""
        self._refused.note(caller, value=True)
