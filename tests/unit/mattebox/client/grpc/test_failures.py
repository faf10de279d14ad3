"""A failure over gRPC is the error that the gateway would have told of it over HTTP."""

from collections.abc import Mapping

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from gateway.segmenter_errors import api_error_from_rpc
from mattebox.client.api_errors import (
    DeadlineError,
    ImageTooLargeError,
    InternalError,
    NotFoundError,
    OverloadedError,
)
from mattebox.client.errors import (
    ApiError,
    ConnectionFailedError,
    MatteboxError,
    TimedOutError,
    UntrustedError,
)
from mattebox.client.grpc.failures import (
    BY_REASON,
    DOMAIN,
    error_from_rpc,
    error_from_status,
    error_from_stream,
)
from mattebox.client.retry_after import LONGEST_ASKED_S
from mattebox.segmenter.v1 import ErrorReason
from tests.unit.mattebox.client.grpc.status_details import packed

METADATA: Mapping[str, dict[str, str]] = {
    "INVALID_OPTION": {"field": "format"},
    "IMAGE_TOO_MANY_BYTES": {"limit_bytes": str(5 * 2**19)},
    "IMAGE_TOO_MANY_PIXELS": {"limit_pixels": "1000", "width_px": "40", "height_px": "30"},
    "INVALID_IMAGE": {"format": "PNG"},
    "UNSUPPORTED_IMAGE_FORMAT": {"format": "PSD"},
}
# Callers of the gateway are never the reason of these.
OURS_TO_TELL = {"MODEL_NOT_FOUND", "MALFORMED_STREAM", "DEADLINE_PASSED"}


def failure(code: grpc.StatusCode, text: str, status: Status | None = None) -> grpc.aio.AioRpcError:
    trailing = grpc.aio.Metadata()
    if status is not None:
        trailing.add("grpc-status-details-bin", status.SerializeToString())
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, text)


def refusal(reason: str, **metadata: str) -> Status:
    info = ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
    delay = RetryInfo(retry_delay=Duration(seconds=7))
    return Status(code=3, message="why", details=packed(info, delay))


def test_every_reason_of_the_contract_is_in_the_table() -> None:
    assert set(BY_REASON) == set(ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}


@pytest.mark.parametrize("metadata", [METADATA, {}], ids=["facts", "bare"])
@pytest.mark.parametrize("reason", sorted(set(BY_REASON) - OURS_TO_TELL))
def test_a_reason_is_the_error_of_http(reason: str, metadata: Mapping[str, dict[str, str]]) -> None:
    failed = failure(
        grpc.StatusCode.INVALID_ARGUMENT, "why", refusal(reason, **metadata.get(reason, {}))
    )
    over_http = api_error_from_rpc(failed)

    error = error_from_rpc(failed, "req_1")

    assert isinstance(error, ApiError)
    assert (error.code, error.status) == (over_http.code, over_http.status)
    assert error.request_id == "req_1"
    if error.status < 500:
        assert (error.message, error.details) == (str(over_http), over_http.details)
    if "Retry-After" in over_http.headers:
        assert error.retry_after_s == float(over_http.headers["Retry-After"])


def test_a_model_that_is_not_there_is_told_to_who_named_it() -> None:
    failed = failure(grpc.StatusCode.NOT_FOUND, "no such model", refusal("MODEL_NOT_FOUND"))

    assert type(error_from_rpc(failed, "")) is NotFoundError


@pytest.mark.parametrize(("seconds", "told_s"), [(2**62, LONGEST_ASKED_S), (-5, None)])
def test_a_delay_is_one_that_can_be_waited(seconds: int, told_s: float | None) -> None:
    info = ErrorInfo(reason="OVERLOADED", domain=DOMAIN)
    delay = RetryInfo(retry_delay=Duration(seconds=seconds))

    error = error_from_status(Status(code=8, message="why", details=packed(info, delay)), "")

    assert isinstance(error, OverloadedError)
    assert error.retry_after_s == told_s


def test_an_item_fails_as_a_call_does() -> None:
    status = refusal("OVERLOADED")
    alone = error_from_rpc(failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "why", status), "req_1")
    item = error_from_status(status, "req_1")

    assert type(item) is type(alone) is OverloadedError
    assert vars(item) == vars(alone)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, ConnectionFailedError),
        (grpc.StatusCode.CANCELLED, ConnectionFailedError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, TimedOutError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, ApiError),
        (grpc.StatusCode.INTERNAL, InternalError),
        (grpc.StatusCode.UNKNOWN, InternalError),
        (grpc.StatusCode.UNIMPLEMENTED, ApiError),
        (grpc.StatusCode.UNAUTHENTICATED, ApiError),
    ],
)
@pytest.mark.parametrize("domain", [None, "elsewhere.example"])
def test_a_status_without_a_reason_of_ours_speaks_for_itself(
    code: grpc.StatusCode, kind: type[MatteboxError], domain: str | None
) -> None:
    status = Status(details=packed(ErrorInfo(reason="INVALID_IMAGE", domain=domain or "")))

    assert type(error_from_rpc(failure(code, "why", status), "req_1")) is kind


@pytest.mark.parametrize("reason", ["", "INVENTED_LATER"])
def test_a_reason_of_a_later_contract_falls_back_to_the_status(reason: str) -> None:
    failed = failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "why", refusal(reason))

    assert type(error_from_rpc(failed, "")) is OverloadedError


@pytest.mark.parametrize(
    "text",
    [
        "SERVER: Received message larger than max (269484041 vs. 268435456)",
        "CLIENT: Sent message larger than max (269484041 vs. 268435456)",
    ],
)
def test_a_message_that_grpc_does_not_carry_is_too_large(text: str) -> None:
    error = error_from_rpc(failure(grpc.StatusCode.RESOURCE_EXHAUSTED, text), "req_1")

    assert isinstance(error, ImageTooLargeError)
    assert (error.status, error.request_id, error.may_pass) == (413, "req_1", False)
    assert text in error.message


def test_what_something_else_has_used_up_is_not_asked_for_again() -> None:
    error = error_from_rpc(failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many pings"), "req_1")

    assert isinstance(error, ApiError)
    assert (error.code, error.may_pass) == ("unknown", False)
    assert "too many pings" in str(error)


def test_a_deadline_is_the_callers_for_a_call_and_the_segmenters_for_an_item() -> None:
    status = refusal("DEADLINE_PASSED")
    noticed_there = error_from_rpc(
        failure(grpc.StatusCode.DEADLINE_EXCEEDED, "why", status), "req_1"
    )
    noticed_here = error_from_rpc(failure(grpc.StatusCode.DEADLINE_EXCEEDED, "why"), "req_1")

    assert type(noticed_there) is type(noticed_here) is TimedOutError
    assert str(noticed_there) == str(noticed_here)
    assert type(error_from_status(status, "req_1")) is DeadlineError


def test_a_certificate_that_is_not_trusted_stays_so() -> None:
    text = "Ssl handshake failed (TSI_PROTOCOL_FAILURE): CERTIFICATE_VERIFY_FAILED: unable to get"
    error = error_from_rpc(failure(grpc.StatusCode.UNAVAILABLE, text), "")

    assert isinstance(error, UntrustedError)
    assert not error.may_pass


def test_a_stream_that_is_ended_while_an_item_is_sent_is_one_that_broke() -> None:
    """As grpc.aio has it, before it knows with what the other side ended the call."""
    nothing, code = grpc.aio.Metadata(), grpc.StatusCode.INTERNAL
    failed = grpc.aio.AioRpcError(code, nothing, nothing, "Internal error from Core")
    told = grpc.aio.AioRpcError(code, nothing, grpc.aio.Metadata(("told", "by it")), "why")

    error = error_from_stream(failed, "")

    assert type(error) is ConnectionFailedError
    assert error.may_pass
    assert type(error_from_stream(told, "")) is InternalError


def test_damaged_details_count_for_nothing() -> None:
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", b"\xff\xff"))
    failed = grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), trailing, "why")

    assert type(error_from_rpc(failed, "")) is InternalError


def test_something_that_is_no_segmenter_is_not_asked_again() -> None:
    error = error_from_rpc(failure(grpc.StatusCode.UNIMPLEMENTED, "no such method"), "req_1")

    assert isinstance(error, ApiError)
    assert (error.code, error.status) == ("unknown", 501)
    assert "none of a segmenter: UNIMPLEMENTED, no such method" in str(error)
