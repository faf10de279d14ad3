import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from gateway.errors import (
    ApiError,
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    InvalidOptionError,
    UnavailableError,
)
from gateway.pictures import Slot, slot_of
from gateway.segmenter_errors import (
    BY_REASON,
    BY_STATUS,
    DOMAIN,
    SegmenterGoneError,
    api_error_from_rpc,
    api_error_from_write,
)
from mattebox.segmenter.v1 import ErrorReason


def test_every_reason_of_the_contract_is_in_the_table() -> None:
    assert set(BY_REASON) == set(ErrorReason.values())


def test_statuses_without_a_reason_are_never_the_callers_fault() -> None:
    assert all(error.status >= 500 for error in BY_STATUS.values())


@pytest.mark.parametrize("status", list(grpc.StatusCode))
def test_every_bare_status_becomes_an_error_that_repeats_nothing(status: grpc.StatusCode) -> None:
    error = api_error_from_rpc(_failure(status))

    assert type(error) is BY_STATUS.get(status, InternalError)
    assert "inner text" not in str(error)
    # That of an exception may quote the request, and stands in the segmenter's log by its place.
    told = status.name if status.name in {"UNKNOWN", "INTERNAL"} else f"{status.name}: inner text"
    assert error.detail == told
    assert error.origin == "segmenter"


@pytest.mark.parametrize("details", [b"", b"\xff\xff", b"\x0a"])
def test_damaged_details_count_for_nothing(details: bytes) -> None:
    error = api_error_from_rpc(_failure(grpc.StatusCode.UNAVAILABLE, details))

    assert type(error) is SegmenterGoneError


def test_a_segmenter_that_is_gone_reads_to_callers_like_any_outage() -> None:
    gone = SegmenterGoneError()

    assert (gone.status, gone.code, str(gone)) == (503, "unavailable", str(UnavailableError()))


def test_a_call_that_ends_under_its_image_is_an_outage() -> None:
    error = api_error_from_write(_failure(grpc.StatusCode.INTERNAL))

    assert type(error) is SegmenterGoneError
    assert error.origin == "segmenter"
    assert error.detail == "the call ended early: inner text"


def test_a_call_that_ends_under_its_image_and_says_why_is_believed() -> None:
    refused = api_error_from_write(_failure(grpc.StatusCode.DEADLINE_EXCEEDED))
    failed = api_error_from_write(_failure(grpc.StatusCode.INTERNAL, b""))

    assert (type(refused), type(failed)) == (DeadlineError, InternalError)


def _refused(reason: str, **metadata: str) -> ApiError:
    info = ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
    packed = AnyMessage()
    packed.Pack(info)
    details = Status(code=3, details=[packed]).SerializeToString()
    return api_error_from_rpc(_failure(grpc.StatusCode.INVALID_ARGUMENT, details))


def test_an_option_that_fits_no_picture_tells_which_and_why() -> None:
    error = _refused("INVALID_OPTION", field="region", problem="empty")

    assert isinstance(error, InvalidOptionError)
    assert (error.field, error.problem) == ("region", "empty")
    assert (error.status, error.code) == (400, "bad_request")
    assert error.details == {"fields": {"region": "inner text"}}


def test_an_option_may_be_wrong_in_one_way_only() -> None:
    error = _refused("INVALID_OPTION", field="stroke")

    assert isinstance(error, InvalidOptionError)
    assert not error.problem


@pytest.mark.parametrize(
    ("reason", "metadata"),
    [
        ("INVALID_IMAGE", {}),
        ("UNSUPPORTED_IMAGE_FORMAT", {}),
        ("IMAGE_TOO_MANY_BYTES", {"limit_bytes": "1"}),
        ("IMAGE_TOO_MANY_PIXELS", {"limit_pixels": "1"}),
        ("INVALID_OPTION", {"field": "background_picture"}),
    ],
)
def test_a_failure_of_the_background_is_told_to_be_of_it(
    reason: str, metadata: dict[str, str]
) -> None:
    assert slot_of(_refused(reason, **metadata)) is Slot.IMAGE
    assert slot_of(_refused(reason, image="image", **metadata)) is Slot.IMAGE
    assert slot_of(_refused(reason, image="background", **metadata)) is Slot.BACKGROUND


@pytest.mark.parametrize(
    ("reason", "metadata", "sentence", "is_of_pixels"),
    [
        ("IMAGE_TOO_MANY_BYTES", {"limit_bytes": "1048576"}, "image too large (>1 MB).", False),
        ("IMAGE_TOO_MANY_PIXELS", {"limit_pixels": "9"}, "image exceeds 9 pixels.", True),
        ("IMAGE_TOO_MANY_PIXELS", {}, "inner text", True),
    ],
)
def test_too_many_bytes_and_pixels_are_told_apart(
    reason: str, metadata: dict[str, str], sentence: str, is_of_pixels: bool
) -> None:
    error = _refused(reason, **metadata)

    assert isinstance(error, ImageTooLargeError)
    assert str(error) == sentence
    assert error.has_too_many_pixels is is_of_pixels


def _failure(status: grpc.StatusCode, details: bytes | None = None) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata()
    if details is not None:
        trailers.add("grpc-status-details-bin", details)
    return grpc.aio.AioRpcError(status, grpc.aio.Metadata(), trailers, "inner text")


def test_the_origin_of_other_errors_is_the_gateway() -> None:
    assert ApiError().origin == "gateway"
