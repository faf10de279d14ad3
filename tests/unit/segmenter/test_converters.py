"""Between messages and values."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from mattebox.segmenter import v1
from segmenter import errors
from segmenter.converters import (
    ERROR_DOMAIN,
    STATUS_CODES,
    cut_out_to_proto,
    error_to_status,
    model_to_proto,
    options_from_proto,
    timeout_from_proto,
)
from segmenter.inference.engine import CommercialUse, ModelSpec, ModelTerms
from segmenter.options import Colour, CutOutOptions, OutputChannels, OutputFormat
from segmenter.pipeline import CutOut
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


def test_unset_options_take_their_defaults() -> None:
    assert options_from_proto(v1.CutOutOptions()) == CutOutOptions()


def test_options_are_read() -> None:
    options = v1.CutOutOptions(
        format=v1.OutputFormat.OUTPUT_FORMAT_PNG,
        channels=v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
        model="u2netp",
        max_pixels=250_000,
        crop=True,
        background=v1.Color(red=1, green=2, blue=3, alpha=4),
        despill=True,
    )
    expected = CutOutOptions(
        OutputFormat.PNG,
        OutputChannels.ALPHA,
        "u2netp",
        max_pixels=250_000,
        crop=True,
        background=Colour(1, 2, 3, 4),
        despill=True,
    )
    assert options_from_proto(options) == expected


@pytest.mark.parametrize("file_format", OutputFormat)
def test_a_format_is_read_and_written_as_the_same(file_format: OutputFormat) -> None:
    name = f"OUTPUT_FORMAT_{file_format.name}"
    assert options_from_proto(v1.CutOutOptions(format=name)).format is file_format
    assert v1.OutputFormat.Name(cut_out_to_proto(cut_out(file_format)).format) == name


def test_a_wholly_transparent_background_is_none() -> None:
    options = v1.CutOutOptions(background=v1.Color(red=255, green=1, blue=1, alpha=0))
    assert options_from_proto(options).background is None


@pytest.mark.parametrize("name", ["red", "green", "blue", "alpha"])
def test_values_of_a_colour_end_at_255(name: str) -> None:
    full = v1.Color(**{"alpha": 1, name: 255})
    background = options_from_proto(v1.CutOutOptions(background=full)).background
    assert background is not None
    assert getattr(background, name) == 255
    beyond = v1.Color(**{"alpha": 0, name: 256})
    with pytest.raises(errors.InvalidOptionError, match="256") as refusal:
        options_from_proto(v1.CutOutOptions(background=beyond))
    assert refusal.value.metadata == {"field": "background"}


@pytest.mark.parametrize("field", ["format", "channels"])
def test_values_of_a_newer_contract_are_refused_by_name(field: str) -> None:
    options = v1.CutOutOptions()
    setattr(options, field, 99)
    with pytest.raises(errors.InvalidOptionError, match="99") as refusal:
        options_from_proto(options)
    assert refusal.value.metadata == {"field": field}


@pytest.mark.parametrize(
    ("field", "values"),
    [("format", v1.OutputFormat.values()), ("channels", v1.OutputChannels.values())],
)
def test_every_value_of_the_contract_is_known(field: str, values: list[int]) -> None:
    for value in values:
        options = v1.CutOutOptions()
        setattr(options, field, value)
        options_from_proto(options)


def cut_out(file_format: OutputFormat = OutputFormat.PNG) -> CutOut:
    return CutOut(
        image=b"png",
        format=file_format,
        width_px=3,
        height_px=2,
        foreground_found=True,
        model="u2netp",
        timings=dict.fromkeys(Stage, 0.25),
    )


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
    status = error_to_status(errors.OverloadedError("Full.", retry_after_s=2.5))
    retry = error_details_pb2.RetryInfo()
    (packed,) = [detail for detail in status.details if detail.Is(retry.DESCRIPTOR)]
    packed.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 2500


def test_the_text_of_an_unforeseen_error_stays_inside() -> None:
    status = error_to_status(ValueError("secret path"))
    assert status.code == code_pb2.INTERNAL
    assert "secret" not in str(status)
    assert error_info(status).reason == "INTERNAL_ERROR"
