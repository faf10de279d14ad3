"""Turns the segmenter's failures into those that callers are told of.

One table is for the reasons of the contract, one for bare gRPC statuses.
"""

import contextlib
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from gateway.errors import (
    ApiError,
    BadRequestError,
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    InvalidImageError,
    InvalidOptionError,
    MissingImageError,
    OverloadedError,
    RetryLaterError,
    UnavailableError,
    UnsupportedImageFormatError,
)
from gateway.pictures import DETAIL, Slot, mark
from mattebox.segmenter.v1 import ErrorReason

AnyDetail = TypeVar("AnyDetail", bound=Message)

DOMAIN = "segmenter.mattebox"

BY_REASON: dict[int, type[ApiError]] = {
    ErrorReason.ERROR_REASON_UNSPECIFIED: InternalError,
    ErrorReason.MISSING_IMAGE: MissingImageError,
    ErrorReason.INVALID_IMAGE: InvalidImageError,
    ErrorReason.UNSUPPORTED_IMAGE_FORMAT: UnsupportedImageFormatError,
    ErrorReason.IMAGE_TOO_MANY_BYTES: ImageTooLargeError,
    ErrorReason.IMAGE_TOO_MANY_PIXELS: ImageTooLargeError,
    ErrorReason.INVALID_OPTION: BadRequestError,
    # Callers of the gateway do not name models: its own settings are at fault.
    ErrorReason.MODEL_NOT_FOUND: InternalError,
    ErrorReason.OVERLOADED: OverloadedError,
    ErrorReason.ENGINE_UNAVAILABLE: UnavailableError,
    ErrorReason.DEADLINE_PASSED: DeadlineError,
    ErrorReason.ENGINE_FAILED: InternalError,
    ErrorReason.INTERNAL_ERROR: InternalError,
    # The gateway itself makes the stream.
    ErrorReason.MALFORMED_STREAM: InternalError,
}


class SegmenterGoneError(UnavailableError):
    """A segmenter ends, or the way to it broke: another one may be there."""


BY_STATUS: dict[grpc.StatusCode, type[ApiError]] = {
    grpc.StatusCode.UNAVAILABLE: SegmenterGoneError,
    grpc.StatusCode.CANCELLED: SegmenterGoneError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
}

_OF_AN_EXCEPTION = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL}
"""Statuses that gRPC makes of exceptions, whose texts may quote the request."""


def api_error_from_rpc(failure: grpc.aio.AioRpcError) -> ApiError:
    """Returns what the caller is told of ``failure``."""
    details = _details(failure)
    info = _unpacked(details, ErrorInfo())
    reason = info.reason if info.domain == DOMAIN else ""
    if reason in ErrorReason.keys():  # noqa: SIM118  an enum wrapper, no mapping
        error = _from_reason(ErrorReason.Value(reason), failure.details() or "", details)
    else:
        error = BY_STATUS.get(failure.code(), InternalError)()
    words = failure.details() if reason or failure.code() not in _OF_AN_EXCEPTION else None
    detail = ": ".join(filter(None, (failure.code().name, reason, words)))
    return told_of_segmenter(error, detail)


def api_error_from_write(failure: grpc.aio.AioRpcError) -> ApiError:
    """Returns what the caller is told of a ``failure`` to send.

    gRPC tells of such a call that an internal error of its own ended it, since the status that
    says why has not come yet. What ends a call there is the end of the segmenter, or of the way.
    """
    if failure.code() is grpc.StatusCode.INTERNAL and not failure.trailing_metadata():
        return told_of_segmenter(SegmenterGoneError(), f"the call ended early: {failure.details()}")
    return api_error_from_rpc(failure)


def told_of_segmenter(error: ApiError, detail: str) -> ApiError:
    """Returns ``error`` as one of the segmenter's; ``detail`` is for the log only."""
    error.origin = "segmenter"
    error.detail = detail
    return error


def _from_reason(reason: int, message: str, details: Status) -> ApiError:
    error_type = BY_REASON[reason]
    if issubclass(error_type, RetryLaterError):
        delay = _unpacked(details, RetryInfo()).retry_delay
        return error_type(retry_after_s=delay.ToTimedelta().total_seconds())
    if error_type.status >= InternalError.status:
        return error_type()
    metadata = dict(_unpacked(details, ErrorInfo()).metadata)
    error = _refusal(reason, message, metadata)
    if metadata.get(DETAIL) == Slot.BACKGROUND.value:
        mark(error, Slot.BACKGROUND)
    return error


def _refusal(reason: int, message: str, metadata: dict[str, str]) -> ApiError:
    """Words a failure that the caller's own image or options are the reason of."""
    match reason:
        case ErrorReason.INVALID_OPTION if "field" in metadata:
            return InvalidOptionError(metadata["field"], message, metadata.get("problem", ""))
        case ErrorReason.IMAGE_TOO_MANY_BYTES if "limit_bytes" in metadata:
            return ImageTooLargeError.in_bytes(int(metadata["limit_bytes"]))
        case ErrorReason.IMAGE_TOO_MANY_PIXELS if "limit_pixels" in metadata:
            return ImageTooLargeError.in_pixels(int(metadata["limit_pixels"]))
        case ErrorReason.IMAGE_TOO_MANY_PIXELS:
            error = ImageTooLargeError(message, details=metadata)
            error.has_too_many_pixels = True
            return error
        case _:
            return BY_REASON[reason](message, details=metadata)


def _details(failure: grpc.aio.AioRpcError) -> Status:
    for key, value in failure.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            with contextlib.suppress(DecodeError):
                return Status.FromString(value)
    return Status()


def _unpacked(details: Status, found: AnyDetail) -> AnyDetail:
    """Fills ``found`` with the detail of its type; without one it stays as empty as it is."""
    for detail in details.details:
        if detail.Unpack(found):
            break
    return found
