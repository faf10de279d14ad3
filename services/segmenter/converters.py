"""Between the contract's messages and the segmenter's own values, in pairs."""

from collections.abc import Mapping
from typing import TypeVar

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from mattebox.segmenter import v1
from segmenter.errors import (
    DeadlinePassedError,
    InvalidOptionError,
    RetryableError,
    SegmenterError,
)
from segmenter.inference.engine import CommercialUse, ModelSpec
from segmenter.options import Colour, CutOutOptions, OutputChannels, OutputFormat
from segmenter.pipeline import CutOut
from segmenter.timings import Stage

K = TypeVar("K")
V = TypeVar("V")

ERROR_DOMAIN = "segmenter.mattebox"

LONGEST_TIMEOUT_S = 86_400
"""What longer times count as."""

_FORMATS_TO_PROTO = {
    OutputFormat.PNG: v1.OutputFormat.OUTPUT_FORMAT_PNG,
    OutputFormat.JPEG: v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    OutputFormat.WEBP: v1.OutputFormat.OUTPUT_FORMAT_WEBP,
    OutputFormat.BMP: v1.OutputFormat.OUTPUT_FORMAT_BMP,
    OutputFormat.TIFF: v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    OutputFormat.GIF: v1.OutputFormat.OUTPUT_FORMAT_GIF,
}
_FORMATS = {
    v1.OutputFormat.OUTPUT_FORMAT_UNSPECIFIED: OutputFormat.PNG,
    **{value: file_format for file_format, value in _FORMATS_TO_PROTO.items()},
}

_CHANNELS = {
    v1.OutputChannels.OUTPUT_CHANNELS_UNSPECIFIED: OutputChannels.RGBA,
    v1.OutputChannels.OUTPUT_CHANNELS_RGBA: OutputChannels.RGBA,
    v1.OutputChannels.OUTPUT_CHANNELS_ALPHA: OutputChannels.ALPHA,
}

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


def options_from_proto(options: v1.CutOutOptions) -> CutOutOptions:
    """Reads one request's wishes; unset ones take their defaults.

    Raises:
        InvalidOptionError: a value is of a newer contract than this server's, or is no colour.
    """
    return CutOutOptions(
        format=_known(_FORMATS, options.format, "format"),
        channels=_known(_CHANNELS, options.channels, "channels"),
        model=options.model or None,
        max_pixels=options.max_pixels or None,
        crop=options.crop,
        background=_colour(options.background) if options.HasField("background") else None,
        despill=options.despill,
    )


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


def _facts_to_proto(cut_out: CutOut) -> v1.CutOut:
    return v1.CutOut(
        format=_FORMATS_TO_PROTO[cut_out.format],
        width_px=cut_out.width_px,
        height_px=cut_out.height_px,
        foreground_found=cut_out.foreground_found,
        model=cut_out.model,
        timings=timings_to_proto(cut_out.timings),
    )


def _known(table: Mapping[K, V], value: K, field: str) -> V:
    if value not in table:
        raise InvalidOptionError(f"The value {value} of `{field}` is not known here.", field=field)
    return table[value]


def _colour(colour: v1.Color) -> Colour | None:
    """Reads a colour; one that is wholly transparent is none."""
    values = (colour.red, colour.green, colour.blue, colour.alpha)
    if max(values) > 255:
        raise InvalidOptionError(
            f"The value {max(values)} of a colour in `background` is over 255.", field="background"
        )
    return Colour(*values) if colour.alpha else None


def _error_info(error: SegmenterError) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(
        reason=v1.ErrorReason.Name(error.reason), domain=ERROR_DOMAIN, metadata=error.metadata
    )


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.RetryInfo) -> Any:
    detail = Any()
    detail.Pack(message)
    return detail
