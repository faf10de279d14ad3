"""From the segmenter's own values to the contract's messages, errors included."""

from collections.abc import Mapping

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from mattebox.segmenter import v1
from segmenter.contract_enums import FORMATS_TO_PROTO
from segmenter.cut_out import CutOut
from segmenter.errors import DeadlinePassedError, RetryableError, SegmenterError
from segmenter.imaging.crop import Box
from segmenter.inference.engine import CommercialUse, ModelSpec
from segmenter.timings import Stage

ERROR_DOMAIN = "segmenter.mattebox"

LONGEST_TIMEOUT_S = 86_400
"""What longer times count as."""

_COMMERCIAL_USES_TO_PROTO = {
    None: v1.CommercialUse.COMMERCIAL_USE_UNSPECIFIED,
    CommercialUse.YES: v1.CommercialUse.COMMERCIAL_USE_ALLOWED,
    CommercialUse.UNCLEAR: v1.CommercialUse.COMMERCIAL_USE_UNCLEAR,
    CommercialUse.NO: v1.CommercialUse.COMMERCIAL_USE_FORBIDDEN,
}

STATUS_CODES = {
    v1.ErrorReason.MISSING_IMAGE: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.INVALID_IMAGE: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.UNSUPPORTED_IMAGE_FORMAT: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.IMAGE_TOO_MANY_BYTES: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.IMAGE_TOO_MANY_PIXELS: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.INVALID_OPTION: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.MALFORMED_STREAM: code_pb2.INVALID_ARGUMENT,
    v1.ErrorReason.MODEL_NOT_FOUND: code_pb2.NOT_FOUND,
    v1.ErrorReason.OVERLOADED: code_pb2.RESOURCE_EXHAUSTED,
    v1.ErrorReason.ENGINE_UNAVAILABLE: code_pb2.UNAVAILABLE,
    v1.ErrorReason.DEADLINE_PASSED: code_pb2.DEADLINE_EXCEEDED,
    v1.ErrorReason.ENGINE_FAILED: code_pb2.INTERNAL,
    v1.ErrorReason.INTERNAL_ERROR: code_pb2.INTERNAL,
}
"""The canonical code of each reason. The one table of this wire."""


def timeout_from_proto(timeout: Duration) -> float:
    """Reads a time in seconds."""
    return min(timeout.seconds + timeout.nanos / 1e9, LONGEST_TIMEOUT_S)


def cut_out_to_proto(cut_out: CutOut) -> v1.CutOut:
    """Writes a finished picture."""
    message = _facts_to_proto(cut_out)
    message.image = cut_out.image
    return message


def cut_out_head_to_proto(cut_out: CutOut) -> v1.CutOutHead:
    """Writes all of a finished picture but its bytes."""
    return v1.CutOutHead(image_bytes=len(cut_out.image), cut_out=_facts_to_proto(cut_out))


def timings_to_proto(timings: Mapping[Stage, float]) -> v1.StageTimings:
    """Writes seconds by stage."""
    message = v1.StageTimings()
    for stage, seconds in timings.items():
        duration: Duration = getattr(message, stage.value)
        duration.FromMicroseconds(round(seconds * 1e6))
    return message


def model_to_proto(spec: ModelSpec, *, is_default: bool) -> v1.Model:
    """Writes what callers may know of a network."""
    return v1.Model(
        name=spec.name,
        input_height_px=spec.input_height_px,
        input_width_px=spec.input_width_px,
        max_batch_size=spec.max_batch_size,
        is_default=is_default,
        title=spec.terms.title,
        license=spec.terms.licence,
        license_source=spec.terms.licence_source,
        commercial_use=_COMMERCIAL_USES_TO_PROTO[spec.terms.commercial_use],
        commercial_use_note=spec.terms.commercial_use_note,
        source=spec.terms.source,
        source_sha256=spec.terms.source_sha256,
    )


def error_to_status(error: BaseException) -> status_pb2.Status:
    """Writes a failure as status and details; the text of an unforeseen one stays here."""
    if isinstance(error, TimeoutError):
        error = DeadlinePassedError("The deadline passed.")
    if not isinstance(error, SegmenterError):
        error = SegmenterError("Something unforeseen failed; the server's log says what.")
    details: list[Any] = [_packed(_error_info(error))]
    if isinstance(error, RetryableError):
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(round(error.retry_after_s * 1000))
        details.append(_packed(retry))
    return status_pb2.Status(code=STATUS_CODES[error.reason], message=str(error), details=details)


def code_name(status: status_pb2.Status) -> str:
    """The name of the status's code, as `UNAVAILABLE`."""
    return str(code_pb2.Code.Name(status.code))


def _facts_to_proto(cut_out: CutOut) -> v1.CutOut:
    return v1.CutOut(
        format=FORMATS_TO_PROTO[cut_out.format],
        width_px=cut_out.width_px,
        height_px=cut_out.height_px,
        foreground_found=cut_out.foreground_found,
        model=cut_out.model,
        timings=timings_to_proto(cut_out.timings),
        input_width_px=cut_out.input_width_px,
        input_height_px=cut_out.input_height_px,
        subject=_box_to_proto(cut_out.subject) if cut_out.subject else None,
        uncertainty=cut_out.uncertainty,
        is_input=cut_out.is_input,
    )


def _box_to_proto(box: Box) -> v1.Box:
    return v1.Box(left_px=box.left, top_px=box.top, width_px=box.width_px, height_px=box.height_px)


def _error_info(error: SegmenterError) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(
        reason=v1.ErrorReason.Name(error.reason), domain=ERROR_DOMAIN, metadata=error.metadata
    )


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.RetryInfo) -> Any:
    detail = Any()
    detail.Pack(message)
    return detail
