"""What becomes of each picture, and of all of them together."""

from dataclasses import dataclass
from pathlib import Path

from mattebox.remove.sources import FileSource, Source, StdinSource, UrlSource


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a job."""

    source: Source
    target: Path | None
    """Where its cut-out goes; None for standard output."""


@dataclass(frozen=True, slots=True)
class Done:
    """The cut-out is there."""

    picture: Picture
    width_px: int
    height_px: int
    foreground_found: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """The cut-out was there before."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no cut-out."""

    picture: Picture
    code: str
    message: str
    advice: str


Outcome = Done | Skipped | Failed

Readable = FileSource | UrlSource | StdinSource
"""The sources that can have a cut-out."""


class Tally:
    """Counts outcomes."""

    def __init__(self) -> None:
        self.done = 0
        self.skipped = 0
        self.failed = 0
        self.without_subject = 0
        """Those of the done in which no subject was found."""
        self.megapixels = 0.0
        """Of all cut-outs."""

    @property
    def finished(self) -> int:
        """How many pictures have come to an end, whichever."""
        return self.done + self.skipped + self.failed

    def add(self, outcome: Outcome) -> None:
        """Counts one in."""
        match outcome:
            case Done(_, width_px, height_px, foreground_found):
                self.done += 1
                self.without_subject += not foreground_found
                self.megapixels += width_px * height_px / 1e6
            case Skipped():
                self.skipped += 1
            case Failed():
                self.failed += 1
