import grpc
import pytest

from gateway.cut_out import CutOut, SubjectBox
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, InputAlpha, OutputChannels, OutputFormat
from gateway.options.effects import Shadow, Stroke
from gateway.options.geometry import (
    NOTHING,
    BackgroundPicture,
    Canvas,
    Fit,
    Length,
    Margins,
    Placement,
    Region,
)
from gateway.segmenter_call import SegmenterCall
from gateway.segmenter_converters import cut_out_from_proto, head_to_proto
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub


def read_out(message: v1.CutOut) -> CutOut:
    """Reads a picture of which nothing else ever comes."""
    channel = grpc.aio.insecure_channel("127.0.0.1:1")
    call = SegmenterCall(SegmenterServiceStub(channel).RemoveBackgroundChunked, ())
    try:
        return cut_out_from_proto(v1.CutOutHead(image_bytes=7, cut_out=message), call, 1.0)
    finally:
        call.close()


@pytest.mark.parametrize("channels", OutputChannels)
@pytest.mark.parametrize("output_format", OutputFormat)
def test_format_and_channels_have_their_place_in_the_request(
    output_format: OutputFormat, channels: OutputChannels
) -> None:
    head = head_to_proto(5, CutOutOptions(output_format, channels), 30.0)

    formats, all_channels = v1.OutputFormat, v1.OutputChannels
    assert formats.Name(head.options.format) == f"OUTPUT_FORMAT_{output_format.name}"
    assert all_channels.Name(head.options.channels) == f"OUTPUT_CHANNELS_{channels.name}"


def test_every_option_of_the_native_contract_has_its_place_in_the_request() -> None:
    options = CutOutOptions(
        max_pixels=250_000, crop=True, background=Colour(1, 2, 3, 4), despill=True
    )

    asked = head_to_proto(5, options, 30.0).options

    assert asked == v1.CutOutOptions(
        format=v1.OutputFormat.OUTPUT_FORMAT_PNG,
        channels=v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
        max_pixels=250_000,
        crop=True,
        background=v1.Color(red=1, green=2, blue=3, alpha=4),
        despill=True,
        input_alpha=v1.InputAlpha.INPUT_ALPHA_KEEP,
    )


def test_without_a_background_there_is_none_in_the_request() -> None:
    asked = head_to_proto(5, CutOutOptions(), 30.0).options

    assert not asked.HasField("background")
    assert (asked.max_pixels, asked.crop, asked.despill) == (50_000_000, False, False)


def share(number: float) -> v1.Length:
    return v1.Length(share=number)


def px(number: int) -> v1.Length:
    return v1.Length(px=number)


HALF, THREE = Length(share=0.5), Length(px=3)
RED, RED_TOLD = Colour(255, 0, 0, 100), v1.Color(red=255, alpha=100)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            CutOutOptions(region=Region(NOTHING, THREE, HALF, Length(px=-1))),
            v1.CutOutOptions(
                region=v1.Region(left=px(0), top=px(3), right=share(0.5), bottom=px(-1))
            ),
        ),
        (
            CutOutOptions(crop_margin=Margins(THREE, HALF, NOTHING, Length(px=4))),
            v1.CutOutOptions(
                crop_margin=v1.Margins(top=px(3), right=share(0.5), bottom=px(0), left=px(4))
            ),
        ),
        (
            CutOutOptions(placement=Placement(scale=0.5, x=0.0, y=1.0)),
            v1.CutOutOptions(placement=v1.Placement(scale=0.5, x=0.0, y=1.0)),
        ),
        (CutOutOptions(placement=Placement()), v1.CutOutOptions(placement=v1.Placement())),
        (
            CutOutOptions(
                background_picture=BackgroundPicture(Canvas.BACKGROUND, 10, 20, Fit.COVER, 0.25)
            ),
            v1.CutOutOptions(
                background_picture=v1.BackgroundPicture(
                    canvas=v1.Canvas.CANVAS_BACKGROUND,
                    width_px=10,
                    height_px=20,
                    fit=v1.Fit.FIT_COVER,
                    blur=0.25,
                )
            ),
        ),
        (
            CutOutOptions(background_picture=BackgroundPicture(height_px=20)),
            v1.CutOutOptions(
                background_picture=v1.BackgroundPicture(
                    canvas=v1.Canvas.CANVAS_IMAGE, height_px=20, fit=v1.Fit.FIT_CONTAIN
                )
            ),
        ),
        (
            CutOutOptions(shadow=Shadow(RED, THREE, HALF, Length(share=0.25))),
            v1.CutOutOptions(
                shadow=v1.Shadow(
                    color=RED_TOLD, offset_x=px(3), offset_y=share(0.5), blur=share(0.25)
                )
            ),
        ),
        (
            CutOutOptions(stroke=Stroke(100, RED)),
            v1.CutOutOptions(stroke=v1.Stroke(width_px=100, color=RED_TOLD)),
        ),
        (CutOutOptions(max_input_pixels=25), v1.CutOutOptions(max_input_pixels=25)),
        (CutOutOptions(max_png_pixels=10), v1.CutOutOptions(max_png_pixels=10)),
        (CutOutOptions(describe_subject=True), v1.CutOutOptions(describe_subject=True)),
    ],
)
def test_every_option_of_the_dialects_has_its_place_in_the_request(
    options: CutOutOptions, told: v1.CutOutOptions
) -> None:
    expected = head_to_proto(5, CutOutOptions(), 30.0).options
    expected.MergeFrom(told)

    assert head_to_proto(5, options, 30.0).options == expected


def test_no_option_is_left_out_of_the_request() -> None:
    names = {field.name for field in v1.CutOutOptions.DESCRIPTOR.fields} - {"model"}
    every = CutOutOptions(
        crop=True,
        background=RED,
        despill=True,
        region=Region(THREE, THREE, HALF, HALF),
        crop_margin=Margins(THREE),
        placement=Placement(),
        background_picture=BackgroundPicture(Canvas.BACKGROUND),
        shadow=Shadow(RED),
        stroke=Stroke(1, RED),
        max_input_pixels=1,
        max_png_pixels=1,
        describe_subject=True,
    )

    asked = head_to_proto(5, every, 30.0).options

    assert {field.name for field, _ in asked.ListFields()} == names


@pytest.mark.parametrize("input_alpha", InputAlpha)
def test_what_alpha_means_has_its_place_in_the_request(input_alpha: InputAlpha) -> None:
    asked = head_to_proto(5, CutOutOptions(input_alpha=input_alpha), 30.0).options

    assert v1.InputAlpha.Name(asked.input_alpha) == f"INPUT_ALPHA_{input_alpha.name}"


def test_the_size_of_a_background_is_told() -> None:
    assert head_to_proto(5, CutOutOptions(), 30.0, 7).background_bytes == 7
    assert head_to_proto(5, CutOutOptions(), 30.0).background_bytes == 0


@pytest.mark.parametrize(("timeout_s", "told_s"), [(0.25, 0.25), (86_400, 86_400), (1e12, 86_400)])
def test_size_and_time_have_their_place_in_the_request(timeout_s: float, told_s: float) -> None:
    head = head_to_proto(31_457_280, CutOutOptions(), timeout_s)

    assert head.image_bytes == 31_457_280
    assert head.timeout.ToTimedelta().total_seconds() == told_s


@pytest.mark.parametrize("output_format", OutputFormat)
async def test_every_format_is_read_out_of_an_answer(output_format: OutputFormat) -> None:
    message = v1.CutOut(format=f"OUTPUT_FORMAT_{output_format.name}")

    assert read_out(message).output_format is output_format


async def test_a_picture_is_read_out_of_its_message() -> None:
    timings = v1.StageTimings()
    timings.queue.FromMilliseconds(0)
    timings.decode.FromMilliseconds(12)
    message = v1.CutOut(
        format=v1.OutputFormat.OUTPUT_FORMAT_PNG,
        width_px=3,
        height_px=2,
        foreground_found=True,
        timings=timings,
    )

    made = read_out(message)

    assert (made.image_bytes, made.output_format) == (7, OutputFormat.PNG)
    assert (made.width_px, made.height_px, made.foreground_found) == (3, 2, True)
    assert made.stages_s == {"queue": 0.0, "decode": 0.012}
    assert (made.subject, made.uncertainty) == (None, 0.0)


async def test_what_is_known_of_image_and_subject_is_read_out() -> None:
    message = v1.CutOut(
        format=v1.OutputFormat.OUTPUT_FORMAT_ZIP,
        input_width_px=30,
        input_height_px=20,
        subject=v1.Box(left_px=1, top_px=2, width_px=3, height_px=4),
        uncertainty=0.25,
    )

    made = read_out(message)

    assert (made.input_width_px, made.input_height_px) == (30, 20)
    assert made.subject == SubjectBox(left_px=1, top_px=2, width_px=3, height_px=4)
    assert made.uncertainty == 0.25


async def test_a_picture_without_timings_has_none() -> None:
    message = v1.CutOut(format=v1.OutputFormat.OUTPUT_FORMAT_PNG)

    assert read_out(message).stages_s == {}


async def test_a_format_that_was_not_asked_for_is_no_answer() -> None:
    with pytest.raises(KeyError):
        read_out(v1.CutOut())
