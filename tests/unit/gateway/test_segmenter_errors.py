import grpc
import pytest

from gateway.errors import ApiError, DeadlineError, InternalError, UnavailableError
from gateway.segmenter_errors import (
    BY_REASON,
    BY_STATUS,
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


def _failure(status: grpc.StatusCode, details: bytes | None = None) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata()
    if details is not None:
        trailers.add("grpc-status-details-bin", details)
    return grpc.aio.AioRpcError(status, grpc.aio.Metadata(), trailers, "inner text")


def test_the_origin_of_other_errors_is_the_gateway() -> None:
    assert ApiError().origin == "gateway"
