"""Turns failures over gRPC into the errors that HTTP tells of for the same reason."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from mattebox.client.api_errors import (
    BadRequestError,
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    InvalidImageError,
    MissingImageError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
    UnsupportedImageFormatError,
)
from mattebox.client.errors import (
    UNKNOWN,
    ApiError,
    ConnectionFailedError,
    MatteboxError,
    TimedOutError,
    UntrustedError,
)
from mattebox.client.retry_after import bounded_s

AnyDetail = TypeVar("AnyDetail", bound=Message)

DOMAIN = "segmenter.mattebox"
_DETAILS = "grpc-status-details-bin"

BY_REASON: Mapping[str, type[ApiError]] = {
    "MISSING_IMAGE": MissingImageError,
    "INVALID_IMAGE": InvalidImageError,
    "UNSUPPORTED_IMAGE_FORMAT": UnsupportedImageFormatError,
    "IMAGE_TOO_MANY_BYTES": ImageTooLargeError,
    "IMAGE_TOO_MANY_PIXELS": ImageTooLargeError,
    "INVALID_OPTION": BadRequestError,
    "MODEL_NOT_FOUND": NotFoundError,
    "OVERLOADED": OverloadedError,
    "ENGINE_UNAVAILABLE": UnavailableError,
    "DEADLINE_PASSED": DeadlineError,
    "ENGINE_FAILED": InternalError,
    "INTERNAL_ERROR": InternalError,
    "MALFORMED_STREAM": BadRequestError,
}
"""The class for each reason of the contract."""

_GONE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
_BROKEN = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
_TOO_LARGE = "message larger than max"
"""What gRPC says of a message, at either end, before any segmenter sees it."""
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""What gRPC says, among more, of a segmenter with a certificate that is not trusted."""
ENDED_EARLY = "the segmenter ended the stream before it was done"
_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def error_from_rpc(failure: grpc.RpcError, request_id: str) -> MatteboxError:
    """Returns the error of a call, made with or without asyncio.

    A call's deadline is the caller's own, whichever end notices first that it has passed.
    """
    if not isinstance(failure, grpc.Call | grpc.aio.AioRpcError):
        return ConnectionFailedError(str(failure))
    status = _details(failure.trailing_metadata() or ())
    error = _error(failure.code(), failure.details() or "", status, request_id)
    return _timed_out() if isinstance(error, DeadlineError) else error


def error_from_stream(failure: grpc.aio.AioRpcError, request_id: str) -> MatteboxError:
    """Returns the error of a stream, made with asyncio, on which an item may be on its way.

    Where the segmenter ends it meanwhile, gRPC tells that an internal error of its own did, since
    the status that says why has not come yet.
    """
    if failure.code() is grpc.StatusCode.INTERNAL and not failure.trailing_metadata():
        return ConnectionFailedError(ENDED_EARLY)
    return error_from_rpc(failure, request_id)


def error_from_status(status: Status, request_id: str) -> MatteboxError:
    """Returns the error of one item of a stream."""
    return _error(
        _CODES.get(status.code, grpc.StatusCode.UNKNOWN), status.message, status, request_id
    )


def _error(code: grpc.StatusCode, message: str, status: Status, request_id: str) -> MatteboxError:
    info = _unpacked(status, ErrorInfo())
    if info.domain == DOMAIN and info.reason in BY_REASON:
        delay = _unpacked(status, RetryInfo())
        return _from_reason(info, message, delay, request_id)
    if info.domain == DOMAIN and code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # Its reason is one of a later contract.
        return OverloadedError(message, request_id=request_id)
    return _connection_error(code, message) or _foreign_error(code, message, request_id)


def _connection_error(code: grpc.StatusCode, message: str) -> MatteboxError | None:
    """Returns the error of a call that got no answer, if this is one."""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return _timed_out()
    if code not in _GONE:
        return None
    if _UNTRUSTED in message:
        return UntrustedError(f"the segmenter shows a certificate that is not trusted: {message}")
    return ConnectionFailedError(f"no segmenter, or the way to it broke: {message}")


def _foreign_error(code: grpc.StatusCode, message: str, request_id: str) -> ApiError:
    """Returns the error of an answer that no segmenter has given on purpose."""
    if code in _BROKEN:
        return InternalError(message, request_id=request_id)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and _TOO_LARGE in message:
        return ImageTooLargeError(f"image or cut-out too large: {message}", request_id=request_id)
    text = f"The answer is none of a segmenter: {code.name}, {message}"
    return ApiError(text, code=UNKNOWN, status=501, request_id=request_id)


def _timed_out() -> TimedOutError:
    return TimedOutError("the segmenter did not answer in time")


def _from_reason(info: ErrorInfo, message: str, delay: RetryInfo, request_id: str) -> ApiError:
    metadata = dict(info.metadata)
    details: dict[str, object] = {}
    match info.reason:
        case "INVALID_OPTION" if "field" in metadata:
            details = {"fields": {metadata["field"]: message}}
        case "IMAGE_TOO_MANY_BYTES" if "limit_bytes" in metadata:
            message = f"image too large (>{int(metadata['limit_bytes']) / 2**20:g} MB)."
        case "IMAGE_TOO_MANY_PIXELS" if "limit_pixels" in metadata:
            message = f"image exceeds {int(metadata['limit_pixels'])} pixels."
        case _:
            details = dict(metadata)
    seconds = bounded_s(delay.retry_delay.seconds + delay.retry_delay.nanos / 1e9)
    return BY_REASON[info.reason](
        message, request_id=request_id, details=details, retry_after_s=seconds or None
    )


def _details(metadata: Iterable[tuple[str, str | bytes]]) -> Status:
    for key, value in metadata:
        if key == _DETAILS and isinstance(value, bytes):
            with contextlib.suppress(DecodeError):
                return Status.FromString(value)
    return Status()


def _unpacked(status: Status, found: AnyDetail) -> AnyDetail:
    """Fills ``found`` with the detail of its type; without one it stays as empty as it is."""
    for detail in status.details:
        if detail.Unpack(found):
            break
    return found
