"""What becomes of pictures: cut out, refused, expired or given up, and by whom they are decoded."""

from collections.abc import Mapping

from mattebox.segmenter.v1 import ErrorReason
from segmenter.errors import ABOUT_IMAGES, OverloadedError, SegmenterError, Shortage
from segmenter.guarded.ends import ChildEnd
from segmenter.job import Place
from segmenter.metrics.buckets import SECONDS
from segmenter.timings import Stage
from telemetry.declared_metrics import Declarations, Label

_MEGAPIXELS = (0.25, 0.5, 1, 2, 4, 8, 12, 16, 25, 50)
_DEADLINES_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)


class PictureMetrics:
    """What is counted of pictures."""

    def __init__(self, declare: Declarations) -> None:
        places = Label("where", [place.value for place in Place])
        self._stage_seconds = declare.histogram(
            "stage_seconds",
            "seconds",
            "Time of each stage of a finished cut-out, waiting for a processor included.",
            SECONDS,
            Label("stage", [stage.value for stage in Stage]),
        )
        self._megapixels = declare.histogram(
            "cut_out_megapixels", "megapixels", "Size of finished cut-outs.", _MEGAPIXELS
        )
        self._without_foreground = declare.counter(
            "cut_outs_without_foreground",
            "pictures",
            "Finished cut-outs in which no subject was found.",
        )
        self._refusals = declare.counter(
            "admission_refusals",
            "pictures",
            "Pictures refused for want of room, and questions answered so, by what was short.",
            Label("reason", [shortage.value for shortage in Shortage]),
        )
        self._deadline_left = declare.histogram(
            "deadline_left_seconds",
            "seconds",
            "Time that was left until its deadline when a picture was begun.",
            _DEADLINES_S,
        )
        self._expired = declare.counter(
            "expired_pictures",
            "pictures",
            "Pictures whose deadline passed, by where they were.",
            places,
        )
        self._cancelled = declare.counter(
            "cancelled_pictures",
            "pictures",
            "Pictures whose caller left, by where they were.",
            places,
        )
        self._refused_images = declare.counter(
            "refused_images",
            "pictures",
            "Pictures refused for what they are, by the reason of the contract; bombs are"
            " image_too_many_pixels.",
            Label("reason", [_word(reason) for reason in sorted(ABOUT_IMAGES)]),
        )
        self._decoder_restarts = declare.counter(
            "decoder_restarts",
            "processes",
            "Guarded decoders that ended and are replaced, by why: killed for want of memory,"
            " stopped for their time or processor time, or replaced after so many pictures.",
            Label("cause", [end.value for end in ChildEnd]),
        )

    def cut_out(
        self, timings: Mapping[Stage, float], pixels: int, *, foreground_found: bool
    ) -> None:
        """Counts a finished cut-out."""
        for stage, seconds in timings.items():
            self._stage_seconds.labels(stage.value).observe(seconds)
        self._megapixels.observe(pixels / 1e6)
        if not foreground_found:
            self._without_foreground.inc()

    def begun(self, deadline_left_s: float) -> None:
        """Counts a picture that work begins on."""
        self._deadline_left.observe(deadline_left_s)

    def refused(self, error: SegmenterError) -> None:
        """Counts what is refused for want of room, or for what it is; nothing of other errors."""
        if isinstance(error, OverloadedError):
            self._refusals.labels(error.shortage.value).inc()
        elif error.reason in ABOUT_IMAGES:
            self._refused_images.labels(_word(error.reason)).inc()

    def expired(self, where: Place) -> None:
        """Counts a picture whose deadline has passed."""
        self._expired.labels(where.value).inc()

    def cancelled(self, where: Place) -> None:
        """Counts a picture whose caller has left."""
        self._cancelled.labels(where.value).inc()

    def decoder_ended(self, end: ChildEnd) -> None:
        """Counts a guarded decoder that will be replaced."""
        self._decoder_restarts.labels(end.value).inc()


def _word(reason: "ErrorReason") -> str:
    return ErrorReason.Name(reason).lower()
