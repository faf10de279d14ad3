"""Wall-clock time of the stages of one request, taken in one place for all who tell of it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from telemetry.tracing import step


class Stage(StrEnum):
    """The stages, by the names they have in metrics, answers and logs."""

    QUEUE = "queue"
    DECODE = "decode"
    MODEL_INPUT = "model_input"
    INFER = "infer"
    MATTE = "matte"
    COMPOSE = "compose"
    ENCODE = "encode"
    TOTAL = "total"


class StageClock:
    """Adds up seconds by stage. Made when a request arrives, read when it is answered."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self._seconds: dict[Stage, float] = {}

    @contextmanager
    def measure(self, stage: Stage) -> Iterator[None]:
        """Adds the time the block takes, which is a step of the current span as well."""
        started_s = time.monotonic()
        try:
            with step(stage.value):
                yield
        finally:
            self.add(stage, time.monotonic() - started_s)

    def add(self, stage: Stage, seconds: float) -> None:
        """Adds time that was measured elsewhere."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def finish(self) -> Mapping[Stage, float]:
        """Gives the seconds of each stage met, and the total since the clock was made."""
        return {**self._seconds, Stage.TOTAL: time.monotonic() - self._started_s}
