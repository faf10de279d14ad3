"""What can go wrong in the segmenter. Knows the contract's reasons, and no transport."""

from enum import StrEnum
from typing import ClassVar

from mattebox.segmenter.v1 import ErrorReason

_OURS = frozenset(
    {"OVERLOADED", "ENGINE_UNAVAILABLE", "DEADLINE_PASSED", "ENGINE_FAILED", "INTERNAL_ERROR"}
)

ABOUT_IMAGES = frozenset(
    {
        ErrorReason.MISSING_IMAGE,
        ErrorReason.INVALID_IMAGE,
        ErrorReason.UNSUPPORTED_IMAGE_FORMAT,
        ErrorReason.IMAGE_TOO_MANY_BYTES,
        ErrorReason.IMAGE_TOO_MANY_PIXELS,
    }
)
"""The reasons that lie in what a picture is."""


class SegmenterError(Exception):
    """A failure with a reason of the contract.

    ``str(error)`` is a public sentence. ``metadata`` repeats each changing value of it. What the
    public must not see is the ``__cause__``.
    """

    reason: ClassVar["ErrorReason"] = ErrorReason.INTERNAL_ERROR

    quotes_caller: ClassVar[bool] = False
    """Whether ``str(error)`` repeats words of the caller, which are for the caller alone."""

    def __init__(self, message: str, **metadata: str | int) -> None:
        super().__init__(message)
        self.metadata = {name: str(value) for name, value in metadata.items()}


def reason_name(error: BaseException) -> str:
    """Tells why something failed, by the contract's word for it, whatever it failed with."""
    if isinstance(error, TimeoutError):
        return ErrorReason.Name(ErrorReason.DEADLINE_PASSED)
    return ErrorReason.Name(
        error.reason if isinstance(error, SegmenterError) else ErrorReason.INTERNAL_ERROR
    )


def is_ours(error: BaseException) -> bool:
    """Tells whether the caller could not have avoided a failure."""
    return reason_name(error) in _OURS


class MissingImageError(SegmenterError):
    """The request holds no image bytes."""

    reason = ErrorReason.MISSING_IMAGE


class InvalidImageError(SegmenterError):
    """The bytes are no image, or a truncated or broken one, whose ``format`` is then told.

    One without pixels is told apart by its ``width_px`` and ``height_px``.
    """

    reason = ErrorReason.INVALID_IMAGE


class UnsupportedImageFormatError(SegmenterError):
    """The bytes are an image of a format that is not accepted."""

    reason = ErrorReason.UNSUPPORTED_IMAGE_FORMAT


class TooManyBytesError(SegmenterError):
    """The encoded image is larger than the limit."""

    reason = ErrorReason.IMAGE_TOO_MANY_BYTES


class TooManyPixelsError(SegmenterError):
    """The image has more pixels than the limit."""

    reason = ErrorReason.IMAGE_TOO_MANY_PIXELS


class InvalidOptionError(SegmenterError):
    """An option has a value that is not accepted."""

    reason = ErrorReason.INVALID_OPTION


class MalformedStreamError(SegmenterError):
    """The messages of a stream are not in the order, or not of the sizes, that they should be."""

    reason = ErrorReason.MALFORMED_STREAM


class ModelNotFoundError(SegmenterError):
    """The named model is not served here."""

    reason = ErrorReason.MODEL_NOT_FOUND
    quotes_caller = True


class RetryableError(SegmenterError):
    """A failure that passes; ``retry_after_s`` says when a retry makes sense."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0, **metadata: str | int) -> None:
        super().__init__(message, **metadata)
        self.retry_after_s = retry_after_s


class Shortage(StrEnum):
    """What there was too little of where a picture is refused for want of room."""

    BYTES = "bytes"
    """Encoded bytes that all calls may hold, or those of one caller."""
    PICTURES = "pictures"
    """Places in the queue before the work."""
    MEGAPIXELS = "megapixels"
    """Megapixels in that queue."""
    PUSHED_OUT = "pushed_out"
    """As the two before; the place was given to a caller with less in the queue."""
    WAIT = "wait"
    """The picture would take longer than a picture may."""
    DEADLINE = "deadline"
    """It would take longer than its caller waits."""
    BATCH_QUEUE = "batch_queue"
    """Places in the queue before the engine."""
    ENGINE_QUEUE = "engine_queue"
    """Places in the engine's own queue."""


class OverloadedError(RetryableError):
    """A queue is full, or the expected wait too long; nothing was started."""

    reason = ErrorReason.OVERLOADED

    def __init__(
        self,
        message: str,
        shortage: Shortage,
        *,
        retry_after_s: float = 1.0,
        **metadata: str | int,
    ) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **metadata)
        self.shortage = shortage


class EngineUnavailableError(RetryableError):
    """The engine cannot be reached or is restarting, or this process is stopping."""

    reason = ErrorReason.ENGINE_UNAVAILABLE


class DeadlinePassedError(SegmenterError):
    """The caller's deadline passed."""

    reason = ErrorReason.DEADLINE_PASSED


class EngineFailedError(SegmenterError):
    """The engine answered with an error, or with values that are no matte."""

    reason = ErrorReason.ENGINE_FAILED
