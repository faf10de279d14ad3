"""Between messages and values."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from mattebox.segmenter import v1
from segmenter import errors
from segmenter.converters import (
    ERROR_DOMAIN,
    STATUS_CODES,
    cut_out_head_to_proto,
    cut_out_to_proto,
    error_to_status,
    model_to_proto,
    timeout_from_proto,
)
from segmenter.cut_out import CutOut
from segmenter.imaging.crop import Box
from segmenter.inference.engine import CommercialUse, ModelSpec, ModelTerms
from segmenter.options import OutputFormat
from segmenter.timings import Stage


def error_info(status: status_pb2.Status) -> error_details_pb2.ErrorInfo:
    info = error_details_pb2.ErrorInfo()
    (packed,) = [detail for detail in status.details if detail.Is(info.DESCRIPTOR)]
    packed.Unpack(info)
    return info


@pytest.mark.parametrize(
    ("seconds", "nanos", "expected_s"),
    [(0, 250_000_000, 0.25), (86_400, 0, 86_400), (86_400, 1, 86_400), (2**62, 0, 86_400)],
)
def test_times_are_read_and_longer_ones_count_as_a_day(
    seconds: int, nanos: int, expected_s: float
) -> None:
    assert timeout_from_proto(Duration(seconds=seconds, nanos=nanos)) == expected_s


def cut_out(file_format: OutputFormat = OutputFormat.PNG, **facts: Any) -> CutOut:
    return CutOut(
        image=b"png",
        format=file_format,
        width_px=3,
        height_px=2,
        foreground_found=True,
        model="u2netp",
        timings=dict.fromkeys(Stage, 0.25),
        input_width_px=30,
        input_height_px=20,
        **facts,
    )


@pytest.mark.parametrize("file_format", set(OutputFormat) - {OutputFormat.AUTO})
def test_the_format_of_an_answer_is_written(file_format: OutputFormat) -> None:
    name = v1.OutputFormat.Name(cut_out_to_proto(cut_out(file_format)).format)
    assert name == f"OUTPUT_FORMAT_{file_format.name}"


def test_what_is_known_of_the_input_and_the_subject_is_written() -> None:
    message = cut_out_to_proto(cut_out(subject=Box(1, 2, 11, 22), uncertainty=0.25, is_input=True))
    assert (message.input_width_px, message.input_height_px) == (30, 20)
    assert message.subject == v1.Box(left_px=1, top_px=2, width_px=10, height_px=20)
    assert (message.uncertainty, message.is_input) == (0.25, True)


def test_without_a_subject_no_box_is_written() -> None:
    message = cut_out_head_to_proto(cut_out()).cut_out
    assert not message.HasField("subject")
    assert (message.uncertainty, message.is_input) == (0.0, False)


def test_a_cut_out_is_written_with_its_timings() -> None:
    message = cut_out_to_proto(cut_out())
    assert (message.image, message.width_px, message.height_px) == (b"png", 3, 2)
    assert message.foreground_found
    for stage in Stage:
        assert getattr(message.timings, stage.value).ToMilliseconds() == 250


def test_a_model_is_written() -> None:
    message = model_to_proto(ModelSpec("toy", 20, 30, 8, None), is_default=True)
    assert (message.name, message.input_height_px, message.input_width_px) == ("toy", 20, 30)
    assert (message.max_batch_size, message.is_default) == (8, True)
    assert (message.license, message.source_sha256) == ("", "")
    assert message.commercial_use == v1.CommercialUse.COMMERCIAL_USE_UNSPECIFIED


@pytest.mark.parametrize(
    ("commercial_use", "written"),
    [
        (CommercialUse.YES, v1.CommercialUse.COMMERCIAL_USE_ALLOWED),
        (CommercialUse.UNCLEAR, v1.CommercialUse.COMMERCIAL_USE_UNCLEAR),
        (CommercialUse.NO, v1.CommercialUse.COMMERCIAL_USE_FORBIDDEN),
    ],
)
def test_the_terms_of_a_model_are_written(
    commercial_use: CommercialUse, written: v1.CommercialUse
) -> None:
    terms = ModelTerms("Toy", "MIT", "its page", commercial_use, "Gladly.", "Nobody", "5" * 64)
    message = model_to_proto(ModelSpec("toy", 20, 30, 8, None, terms), is_default=True)

    assert (message.title, message.license, message.license_source) == ("Toy", "MIT", "its page")
    assert (message.commercial_use, message.commercial_use_note) == (written, "Gladly.")
    assert (message.source, message.source_sha256) == ("Nobody", "5" * 64)


def test_every_reason_has_a_canonical_code() -> None:
    reasons = set(v1.ErrorReason.values()) - {v1.ErrorReason.ERROR_REASON_UNSPECIFIED}
    assert set(STATUS_CODES) == reasons
    assert code_pb2.OK not in STATUS_CODES.values()


def test_every_reason_has_an_error() -> None:
    def kinds(kind: type[errors.SegmenterError]) -> set[type[errors.SegmenterError]]:
        return {kind}.union(*(kinds(child) for child in kind.__subclasses__()))

    assert {kind.reason for kind in kinds(errors.SegmenterError)} == set(STATUS_CODES)


def test_an_error_carries_its_reason_and_what_changes_in_its_message() -> None:
    error = errors.TooManyPixelsError("Too large.", limit_pixels=10, width_px=4, height_px=3)
    status = error_to_status(error)
    info = error_info(status)
    assert (status.code, status.message) == (code_pb2.INVALID_ARGUMENT, "Too large.")
    assert (info.reason, info.domain) == ("IMAGE_TOO_MANY_PIXELS", ERROR_DOMAIN)
    assert dict(info.metadata) == {"limit_pixels": "10", "width_px": "4", "height_px": "3"}


def test_a_passing_failure_says_when_to_retry() -> None:
    status = error_to_status(
        errors.OverloadedError("Full.", errors.Shortage.WAIT, retry_after_s=2.5)
    )
    retry = error_details_pb2.RetryInfo()
    (packed,) = [detail for detail in status.details if detail.Is(retry.DESCRIPTOR)]
    packed.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 2500


def test_the_text_of_an_unforeseen_error_stays_inside() -> None:
    status = error_to_status(ValueError("secret path"))
    assert status.code == code_pb2.INTERNAL
    assert "secret" not in str(status)
    assert error_info(status).reason == "INTERNAL_ERROR"
