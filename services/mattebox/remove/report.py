"""Tells people on standard error, and programs on standard output, how a job goes."""

import contextlib
import io
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from mattebox.remove import wording
from mattebox.remove.outcome import Failed, Outcome, Tally

_BETWEEN_LINES_S = 10.0
_BETWEEN_WAITS_S = 5.0
_QUIETLY_LONG_S = 60.0
"""With --quiet the first pause as long as this is told, lest somebody take it for dead."""


class Display(Protocol):
    """Where progress is shown."""

    writing: "Writing"
    """Says when a write may be broken off."""

    def line(self, text: str) -> None:
        """Shows a line that stays."""

    def progress(self, tally: Tally, total: int | None, elapsed_s: float) -> None:
        """Shows how far it is."""

    def busy(self, text: str) -> contextlib.AbstractContextManager[None]:
        """Shows that something is being waited for."""

    def leave(self) -> None:
        """Makes the terminal what it was, since the process ends now."""


class Writing:
    """Tells whether something is being written, as long as the context lasts."""

    def __init__(self) -> None:
        self.is_under_way = False

    def __enter__(self) -> None:
        self.is_under_way = True

    def __exit__(self, *_: object) -> None:
        self.is_under_way = False


class Lines:
    """A display for a file or a pipe: a line now and then."""

    def __init__(self, *, tells_progress: bool = True) -> None:
        self.writing = Writing()
        self._tells_progress = tells_progress
        self._next_at_s = _BETWEEN_LINES_S

    def line(self, text: str) -> None:
        """See `Display.line`."""
        # Whether anybody reads it or not, the job goes on; what is closed is None.
        with contextlib.suppress(OSError), self.writing:
            print(text, file=sys.stderr or io.StringIO(), flush=True)

    def progress(self, tally: Tally, total: int | None, elapsed_s: float) -> None:
        """See `Display.progress`."""
        if not self._tells_progress or elapsed_s < self._next_at_s:
            return
        self._next_at_s = elapsed_s + _BETWEEN_LINES_S
        of_total = "" if total is None else f" of {total}"
        self.line(f"{tally.finished}{of_total}, {wording.rates(tally, elapsed_s)}")

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """See `Display.busy`."""
        if self._tells_progress:
            self.line(f"{text} …")
        yield

    def leave(self) -> None:
        """See `Display.leave`."""


class Reporter:
    """Counts outcomes and shows them."""

    def __init__(
        self,
        display: Display,
        *,
        quiet: bool = False,
        as_json: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self.total: int | None = None
        """How many pictures there are, once that is known."""
        self.display = display
        self._writing = Writing()
        self._quiet = quiet
        self._as_json = as_json
        self._clock = clock
        self._begun_at_s = clock()
        self._next_wait_at_s = clock()

    def begin(self) -> None:
        """The first picture is about to be taken: counts the time from now on."""
        self._begun_at_s = self._clock()
        self._show()

    def expect(self, total: int) -> None:
        """Notes how many pictures there are."""
        self.total = total
        self._show()

    def finished(self, outcome: Outcome) -> None:
        """A picture has come to its end."""
        self.tally.add(outcome)
        self._record(wording.record(outcome))
        if isinstance(outcome, Failed):
            self.display.line(wording.failure(outcome))
        self._show()

    def waits(self, pause_s: float, code: str) -> None:
        """Something is tried again in a while. Tells of long ones, and of few among many."""
        now_s = self._clock()
        shortest_s = _QUIETLY_LONG_S if self._quiet else 1
        if pause_s >= shortest_s and now_s >= self._next_wait_at_s:
            self._next_wait_at_s = math.inf if self._quiet else now_s + _BETWEEN_WAITS_S
            self.display.line(wording.waiting(pause_s, code))

    def stopped(self, why: str) -> None:
        """Says why the job ends before its end, and what has come of it so far."""
        self._record({"status": "stopped", "message": why})
        self.display.line(why)
        if self.tally.finished:
            self.summarise()

    def summarise(self) -> None:
        """Shows what has come of it all."""
        if not self._quiet:
            self.display.line(wording.summary(self.tally, self._elapsed_s))

    @property
    def is_writing(self) -> bool:
        """Whether something is written that may be broken off with an `OSError`."""
        return self._writing.is_under_way or self.display.writing.is_under_way

    @property
    def _elapsed_s(self) -> float:
        return self._clock() - self._begun_at_s

    def _record(self, record: Mapping[str, object]) -> None:
        if self._as_json:
            with contextlib.suppress(OSError), self._writing:  # as with lines for people
                print(json.dumps(record), flush=True)

    def _show(self) -> None:
        self.display.progress(self.tally, self.total, self._elapsed_s)
