"""Progress on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from mattebox.remove import wording
from mattebox.remove.outcome import Tally
from mattebox.remove.report import Writing


class Bar:
    """A display that moves, below the lines that stay."""

    def __init__(self, console: Console) -> None:
        self.writing = Writing()  # rich takes care of its own
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[count]}"),
            BarColumn(),
            TextColumn("{task.fields[speed]}"),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            # Standard output is for programs, and for cut-outs.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None, count="", speed="", left="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def line(self, text: str) -> None:
        """See `Display.line`."""
        # As a Text, since brackets in the name of a file are no markup.
        self._console.print(Text(text), soft_wrap=True)

    def progress(self, tally: Tally, total: int | None, elapsed_s: float) -> None:
        """See `Display.progress`."""
        of_total = "" if total is None else f"/{total}"
        self._progress.update(
            self._task,
            completed=tally.finished,
            total=total,
            count=f"{tally.finished}{of_total}",
            speed=str(wording.rates(tally, elapsed_s)) if tally.done else "",
            left=_left(tally, total, elapsed_s),
        )

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """See `Display.busy`."""
        self._progress.update(self._task, count=text)
        yield
        self._progress.update(self._task, count="")

    def refresh(self) -> None:
        """Draws it now, not when its turn comes."""
        self._progress.refresh()

    def leave(self) -> None:
        """See `Display.leave`."""
        self._console.show_cursor()


def _left(tally: Tally, total: int | None, elapsed_s: float) -> str:
    worked_on = tally.done + tally.failed
    if total is None or not worked_on:
        return ""
    left_s = round(max(0, total - tally.finished) * elapsed_s / worked_on)
    hours, minutes, seconds = left_s // 3600, left_s // 60 % 60, left_s % 60
    return f"{hours}:{minutes:02}:{seconds:02} left"
