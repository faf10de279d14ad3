"""What every step of one request is told, and what becomes known of its picture on the way."""

from dataclasses import dataclass, field
from enum import StrEnum

from segmenter.deadline import Deadline
from segmenter.timings import StageClock


class Place(StrEnum):
    """Where a picture is on its way."""

    ARRIVAL = "arrival"
    """Its bytes come, or its header is read."""
    WAITING = "waiting"
    """It waits to start."""
    BATCH_QUEUE = "batch_queue"
    """It waits for the engine."""
    WORK = "work"
    DELIVERY = "delivery"
    """Its answer is on the way to the caller."""


@dataclass(slots=True)
class Notes:
    """What steps note of a picture, for the log and the metrics: no step goes by it."""

    place: Place = Place.ARRIVAL
    input_format: str | None = None
    input_width_px: int | None = None
    input_height_px: int | None = None
    sha256: str | None = None
    """Of the encoded picture, in hexadecimal digits."""
    model: str | None = None
    batch_size: int | None = None
    """Of the largest batch that it was in."""

    def at_work(self) -> None:
        """Notes that it is worked on."""
        self.place = Place.WORK


@dataclass(frozen=True, slots=True)
class Job:
    """On whose behalf a picture is made, until when, and what has taken how long so far."""

    caller: str
    """Any text by which callers are told apart, so that they share fairly."""
    deadline: Deadline
    clock: StageClock = field(default_factory=StageClock)
    notes: Notes = field(default_factory=Notes)
