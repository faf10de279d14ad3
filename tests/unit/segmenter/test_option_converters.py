"""From the contract's options to values, each limit at it and one past."""

import math
from typing import Any

import numpy as np
import pytest

from mattebox.segmenter import v1
from segmenter.errors import InvalidOptionError
from segmenter.option_converters import options_from_proto
from segmenter.options import CutOutOptions, InputAlpha, OutputChannels, OutputFormat
from segmenter.scene_options import (
    NOTHING,
    BackgroundPicture,
    Canvas,
    Colour,
    Fit,
    Length,
    Margins,
    Placement,
    Region,
    Shadow,
    Stroke,
)

RED = v1.Color(red=255, alpha=9)
RED_HERE = Colour(255, 0, 0, 9)


def read(**options: Any) -> CutOutOptions:
    return options_from_proto(v1.CutOutOptions(**options))


def refused(field: str, **options: Any) -> str:
    """Tells how options are refused, which has to name a field and nothing else."""
    with pytest.raises(InvalidOptionError) as refusal:
        read(**options)
    assert refusal.value.metadata == {"field": field}
    return str(refusal.value)


def past(value: float, towards: float) -> float:
    """The next float32."""
    return float(np.nextafter(np.float32(value), np.float32(towards)))


def px(pixels: int) -> v1.Length:
    return v1.Length(px=pixels)


def share(of: float) -> v1.Length:
    return v1.Length(share=of)


def test_unset_options_take_their_defaults() -> None:
    assert read() == CutOutOptions()


def test_empty_messages_wish_nothing_but_a_region() -> None:
    names = ["crop_margin", "placement", "background_picture", "shadow", "stroke", "background"]
    empty = v1.CutOutOptions()
    for name in names:
        getattr(empty, name).SetInParent()
    assert options_from_proto(empty) == CutOutOptions()
    assert read(region=v1.Region()).region == Region(NOTHING, NOTHING, NOTHING, NOTHING)


def test_options_are_read() -> None:
    options = read(
        format=v1.OutputFormat.OUTPUT_FORMAT_AUTO,
        channels=v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
        model="u2netp",
        max_pixels=250_000,
        crop=True,
        background=v1.Color(red=1, green=2, blue=3, alpha=4),
        despill=True,
        region=v1.Region(left=px(1), top=share(0.25), right=px(-3), bottom=share(1)),
        crop_margin=v1.Margins(top=px(1), right=share(0.5), bottom=px(3), left=px(4)),
        placement=v1.Placement(scale=0.5, x=0, y=1),
        background_picture=v1.BackgroundPicture(
            canvas=v1.Canvas.CANVAS_BACKGROUND,
            width_px=30,
            height_px=20,
            fit=v1.Fit.FIT_COVER,
            blur=0.25,
        ),
        shadow=v1.Shadow(color=RED, offset_x=px(-5), offset_y=share(-0.5), blur=share(0.5)),
        stroke=v1.Stroke(width_px=7, color=RED),
        input_alpha=v1.InputAlpha.INPUT_ALPHA_DISCARD,
        max_input_pixels=9,
        max_png_pixels=8,
        describe_subject=True,
    )
    assert options == CutOutOptions(
        OutputFormat.AUTO,
        OutputChannels.ALPHA,
        "u2netp",
        max_pixels=250_000,
        crop=True,
        background=Colour(1, 2, 3, 4),
        despill=True,
        region=Region(Length(1), Length(share=0.25), Length(-3), Length(share=1)),
        crop_margin=Margins(Length(1), Length(share=0.5), Length(3), Length(4)),
        placement=Placement(0.5, 0.0, 1.0),
        background_picture=BackgroundPicture(Canvas.BACKGROUND, 30, 20, Fit.COVER, 0.25),
        shadow=Shadow(RED_HERE, Length(-5), Length(share=-0.5), Length(share=0.5)),
        stroke=Stroke(7, RED_HERE),
        input_alpha=InputAlpha.DISCARD,
        max_input_pixels=9,
        max_png_pixels=8,
        describe_subject=True,
    )


@pytest.mark.parametrize("file_format", OutputFormat)
def test_a_format_is_read(file_format: OutputFormat) -> None:
    assert read(format=f"OUTPUT_FORMAT_{file_format.name}").format is file_format


@pytest.mark.parametrize("channels", v1.OutputChannels.values())
def test_a_zip_holds_colours_and_matte_whatever_the_channels(channels: Any) -> None:
    options = read(format=v1.OutputFormat.OUTPUT_FORMAT_ZIP, channels=channels)
    assert options.channels is OutputChannels.RGBA


ENUMS: dict[str, tuple[Any, Any]] = {
    "format": (v1.OutputFormat, lambda value: {"format": value}),
    "channels": (v1.OutputChannels, lambda value: {"channels": value}),
    "input_alpha": (v1.InputAlpha, lambda value: {"input_alpha": value}),
    "canvas": (
        v1.Canvas,
        lambda value: {"background_picture": v1.BackgroundPicture(canvas=value)},
    ),
    "fit": (v1.Fit, lambda value: {"background_picture": v1.BackgroundPicture(fit=value)}),
}


@pytest.mark.parametrize("name", ENUMS)
def test_every_value_of_the_contract_is_known_and_one_past_them_refused_by_name(name: str) -> None:
    enum, options = ENUMS[name]
    for value in enum.values():
        read(**options(value))
    field = "background_picture" if name in {"canvas", "fit"} else name
    for value in (max(enum.values()) + 1, 99, -1):
        assert f"{value} of `{name}`" in refused(field, **options(value))


COLOURED = ["background", "shadow", "stroke"]


def with_colour(name: str, colour: v1.Color) -> dict[str, Any]:
    options: dict[str, dict[str, Any]] = {
        "background": {"background": colour},
        "shadow": {"shadow": v1.Shadow(color=colour)},
        "stroke": {"stroke": v1.Stroke(width_px=1, color=colour)},
    }
    return options[name]


@pytest.mark.parametrize("name", COLOURED)
def test_what_is_wholly_transparent_is_not_there(name: str) -> None:
    assert getattr(read(**with_colour(name, v1.Color(red=255, alpha=0))), name) is None
    assert getattr(read(**with_colour(name, v1.Color(red=255, alpha=1))), name) is not None


@pytest.mark.parametrize("channel", ["red", "green", "blue", "alpha"])
@pytest.mark.parametrize("name", COLOURED)
def test_values_of_a_colour_end_at_255(name: str, channel: str) -> None:
    found = getattr(read(**with_colour(name, v1.Color(**{"alpha": 1, channel: 255}))), name)
    assert getattr(found if name == "background" else found.colour, channel) == 255
    beyond = v1.Color(**{"alpha": 0, channel: 256})
    assert "256" in refused(name, **with_colour(name, beyond))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", ["left", "top", "right", "bottom"])
def test_an_edge_or_margin_is_a_number(part: str, bad: float) -> None:
    assert "finite" in refused("region", region=v1.Region(**{part: share(bad)}))
    assert "finite" in refused("crop_margin", crop_margin=v1.Margins(**{part: share(bad)}))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", ["offset_x", "offset_y", "blur"])
@pytest.mark.parametrize("colour", [RED, None])
def test_a_length_of_a_shadow_is_a_number(part: str, bad: float, colour: v1.Color | None) -> None:
    shadow = v1.Shadow(color=colour, **{part: share(bad)})
    assert "finite" in refused("shadow", shadow=shadow)


@pytest.mark.parametrize("side", ["top", "right", "bottom", "left"])
@pytest.mark.parametrize(
    ("at", "beyond"), [(px(0), px(-1)), (share(0), share(past(0, -1))), (share(-0.0), share(-0.5))]
)
def test_no_margin_is_negative(side: str, at: v1.Length, beyond: v1.Length) -> None:
    read(crop_margin=v1.Margins(**{side: at}))
    assert "negative" in refused("crop_margin", crop_margin=v1.Margins(**{side: beyond}))


@pytest.mark.parametrize(("at", "beyond"), [(px(0), px(-1)), (share(0), share(past(0, -1)))])
def test_no_blur_is_negative(at: v1.Length, beyond: v1.Length) -> None:
    read(shadow=v1.Shadow(color=RED, blur=at))
    assert "negative" in refused("shadow", shadow=v1.Shadow(color=RED, blur=beyond))


@pytest.mark.parametrize("good", [past(0, 1), 0.5, 1.0])
def test_a_scale_is_above_0_up_to_1(good: float) -> None:
    assert read(placement=v1.Placement(scale=good)).placement == Placement(scale=good)


@pytest.mark.parametrize("bad", [0.0, past(0, -1), past(1, 2), math.nan, math.inf])
def test_no_other_scale_is_accepted(bad: float) -> None:
    assert "scale" in refused("placement", placement=v1.Placement(scale=bad))


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_place_is_0_to_1(axis: str) -> None:
    for good in (0.0, 1.0):
        placed = read(placement=v1.Placement(**{axis: good})).placement
        assert placed == Placement(**{axis: good})
    for bad in (past(0, -1), past(1, 2), math.nan, math.inf):
        refused("placement", placement=v1.Placement(**{axis: bad}))


def test_the_blur_of_a_background_is_0_to_1() -> None:
    for good in (0.0, 1.0):
        laid = read(background_picture=v1.BackgroundPicture(blur=good)).background_picture
        assert laid.blur == good
    for bad in (past(0, -1), past(1, 2), math.nan, math.inf):
        refused("background_picture", background_picture=v1.BackgroundPicture(blur=bad))


def test_a_stroke_has_1_to_100_pixels_and_a_colour() -> None:
    assert read(stroke=v1.Stroke(width_px=1, color=RED)).stroke == Stroke(1, RED_HERE)
    assert read(stroke=v1.Stroke(width_px=100, color=RED)).stroke == Stroke(100, RED_HERE)
    assert read(stroke=v1.Stroke(width_px=0, color=RED)).stroke is None
    assert read(stroke=v1.Stroke(width_px=100)).stroke is None
    for colour in (RED, None):
        assert "101" in refused("stroke", stroke=v1.Stroke(width_px=101, color=colour))


def test_a_shadow_has_a_colour() -> None:
    assert read(shadow=v1.Shadow(color=RED)).shadow == Shadow(RED_HERE)
    assert read(shadow=v1.Shadow(offset_x=px(9))).shadow is None


def test_a_request_brings_one_background_at_most() -> None:
    plain = v1.CutOutOptions(background=RED)
    unseen = v1.CutOutOptions(background=v1.Color(red=255))
    assert options_from_proto(plain).background == RED_HERE
    assert options_from_proto(unseen, brings_picture=True).background is None
    with pytest.raises(InvalidOptionError) as refusal:
        options_from_proto(plain, brings_picture=True)
    assert refusal.value.metadata == {"field": "background"}
