"""What every step of one request is told."""

from dataclasses import dataclass, field

from segmenter.deadline import Deadline
from segmenter.timings import StageClock


@dataclass(frozen=True, slots=True)
class Job:
    """On whose behalf a picture is made, until when, and what has taken how long so far."""

    caller: str
    """Any text by which callers are told apart, so that they share fairly."""
    deadline: Deadline
    clock: StageClock = field(default_factory=StageClock)
