"""What is counted and told of a call, or of an item of a stream: once, when it has ended."""

import time
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from structlog.typing import FilteringBoundLogger

from mattebox.segmenter.v1 import ErrorReason
from segmenter.cut_out import CutOut
from segmenter.errors import DeadlinePassedError, SegmenterError
from segmenter.job import Notes, Place
from segmenter.metrics import PictureMetrics
from segmenter.timings import Stage

_CLOCKS_DIFFER_S = 0.01
"""The transport may end a call so much before its deadline has passed here."""


class CallRecord:
    """Made when a call arrives, or an item of one. Belongs to one event loop.

    ``event`` is what its line in the log is called; ``left_s`` tells how long the caller still
    waits, or None where nobody has said so.
    """

    def __init__(
        self,
        event: str,
        log: FilteringBoundLogger,
        metrics: PictureMetrics,
        left_s: Callable[[], float | None],
    ) -> None:
        self.log = log
        self._event = event
        self._metrics = metrics
        self._left_s = left_s
        self._started_s = time.monotonic()
        self._notes: Notes | None = None
        self._items: int | None = None
        self._told: dict[str, object] = {}

    def picture(self, encoded_bytes: int | None = None) -> Notes:
        """Says that a picture comes with it, or has come; gives where its steps take notes."""
        if encoded_bytes is not None:
            self._told["bytes_in"] = encoded_bytes
        if self._notes is None:
            self._notes = Notes()
        return self._notes

    def item(self) -> "CallRecord":
        """Begins the record of an item of this stream."""
        self._items = (self._items or 0) + 1
        return CallRecord("item", self.log, self._metrics, self._left_s)

    def took(self, stages_s: Mapping[Stage, float]) -> None:
        """Notes the seconds of each stage that the picture has come to."""
        self._told["stages_ms"] = {
            stage.value: round(seconds * 1000, 1) for stage, seconds in stages_s.items()
        }

    def made(self, cut_out: CutOut) -> None:
        """Counts and notes the finished picture, which is on its way from now on."""
        self._metrics.cut_out(
            cut_out.timings,
            cut_out.width_px * cut_out.height_px,
            foreground_found=cut_out.foreground_found,
        )
        self.picture().place = Place.DELIVERY
        self._told |= {
            "format": cut_out.format.name.lower(),
            "width_px": cut_out.width_px,
            "height_px": cut_out.height_px,
            "bytes_out": len(cut_out.image),
        }

    def finish(self, code: str, error: BaseException | None = None, told: str = "") -> float:
        """Counts how it ended, writes its line, and returns how many seconds it took.

        ``told`` is what the caller was told of an error.
        """
        duration_s = time.monotonic() - self._started_s
        self._count(error)
        self.log.info(
            self._event,
            code=code,
            reason=ErrorReason.Name(error.reason) if isinstance(error, SegmenterError) else None,
            detail=type(error).__name__ if _quotes_caller(error) else told or None,
            duration_ms=round(duration_s * 1000, 1),
            images=self._items,
            **self._noted(),
            **self._told,
        )
        return duration_s

    def _count(self, error: BaseException | None) -> None:
        if isinstance(error, SegmenterError):
            self._metrics.refused(error)
        if self._notes is None:
            return
        if isinstance(error, DeadlinePassedError | TimeoutError):
            self._metrics.expired(self._notes.place)
        elif isinstance(error, CancelledError | GeneratorExit):
            left_s = self._left_s()
            is_late = left_s is not None and left_s <= _CLOCKS_DIFFER_S
            count = self._metrics.expired if is_late else self._metrics.cancelled
            count(self._notes.place)

    def _noted(self) -> dict[str, object]:
        notes = self._notes
        if notes is None:
            return {}
        return {
            "input_format": notes.input_format,
            "input_width_px": notes.input_width_px,
            "input_height_px": notes.input_height_px,
            "sha256": notes.sha256,
            "model": notes.model,
            "batch_size": notes.batch_size,
        }


call_record: ContextVar[CallRecord] = ContextVar("call_record")
"""Set when a call arrives; tasks made on behalf of the call inherit it."""


def _quotes_caller(error: BaseException | None) -> bool:
    return isinstance(error, SegmenterError) and error.quotes_caller
