"""What the client asks a segmenter for is what the gateway asks for the same options."""

from typing import Any, get_args

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ApiError as GatewayError
from gateway.options.cut_out import CONTENT_TYPES, OutputFormat, read_cut_out_options
from gateway.options.fields import Fields
from gateway.segmenter_options import FORMATS
from gateway.segmenter_options import options_to_proto as gateway_options_to_proto
from mattebox.client.errors import ApiError
from mattebox.client.exchange import removal
from mattebox.client.grpc.messages import cut_out_from_proto, options_to_proto
from mattebox.client.options import Channels, Format, Options, Size
from mattebox.segmenter import v1

COLOURS = [None, "", " ", "#fff", "ff000080", "teal", "transparent", "rgb(1 2 3 / 0)", " Red "]


def fields(options: Options) -> Fields:
    """The fields that the client over HTTP sends."""
    sent = removal(b"", options).fields or {}
    return Fields.from_pairs(sent.items())


@given(
    st.builds(
        Options,
        format=st.sampled_from(get_args(Format)),
        channels=st.sampled_from(get_args(Channels)),
        size=st.sampled_from(get_args(Size)),
        crop=st.booleans(),
        despill=st.booleans(),
        bg_color=st.sampled_from(COLOURS),
    )
)
def test_options_say_the_same_on_both_ways(options: Options) -> None:
    by_gateway = gateway_options_to_proto(read_cut_out_options(fields(options)))
    # The client leaves to its default what only other dialects can ask for.
    by_gateway.ClearField("input_alpha")
    by_gateway.ClearField("background_picture")

    assert options_to_proto(options) == by_gateway


@pytest.mark.parametrize(
    "values",
    [
        {"bg_color": "nope"},
        {"format": "psd"},
        {"format": "psd", "bg_color": "nope"},
        {"size": "huge", "channels": "rgb", "bg_color": "#12"},
    ],
)
def test_bad_options_are_the_same_error_on_both_ways(values: dict[str, Any]) -> None:
    options = Options(**values)
    with pytest.raises(GatewayError) as by_gateway:
        read_cut_out_options(fields(options))
    with pytest.raises(ApiError) as by_client:
        options_to_proto(options)

    assert by_client.value.code == by_gateway.value.code
    assert by_client.value.status == by_gateway.value.status
    assert by_client.value.message == str(by_gateway.value)
    assert by_client.value.details == by_gateway.value.details


def test_a_finished_picture_is_read() -> None:
    timings = v1.StageTimings(queue=Duration(nanos=300_000), total=Duration(seconds=1))
    message = v1.CutOut(
        image=b"picture",
        format=v1.OutputFormat.OUTPUT_FORMAT_WEBP,
        width_px=3,
        height_px=2,
        foreground_found=True,
        timings=timings,
    )

    cut_out = cut_out_from_proto(message, "req_1")

    assert (cut_out.image, cut_out.media_type) == (b"picture", "image/webp")
    assert (cut_out.width_px, cut_out.height_px, cut_out.foreground_found) == (3, 2, True)
    assert cut_out.request_id == "req_1"
    assert cut_out.timings_ms == {"queue": 0.3, "total": 1000.0}


def test_types_of_pictures_are_those_of_the_service() -> None:
    for output_format in set(OutputFormat) - {OutputFormat.AUTO, OutputFormat.ZIP}:
        message = v1.CutOut(format=FORMATS[output_format])
        assert cut_out_from_proto(message, "").media_type == CONTENT_TYPES[output_format]
