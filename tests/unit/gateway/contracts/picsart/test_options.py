"""Every row of the reference's table of fields, by name."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.contracts.picsart.options import NAMES, read_asked
from gateway.errors import InvalidFieldsError
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat
from gateway.options.effects import Shadow, Stroke
from gateway.options.fields import Fields, NoText
from gateway.options.geometry import BackgroundPicture, Canvas, Fit, Length, Placement

DEFAULTS = CutOutOptions()
BEHIND = replace(DEFAULTS, background_picture=BackgroundPicture(canvas=Canvas.BACKGROUND))
DARK = Colour(0, 0, 0, 51)
SIGMA = Length(25)
CENTRED = Placement(x=0.5, y=0.5)

NEUTRAL = {
    "output_type": "cutout",
    "format": "PNG",
    "bg_width": "",
    "bg_height": "",
    "scale": "fit",
    "auto_center": "false",
    "bg_blur": "0",
    "stroke_size": "0",
    "stroke_color": "FFFFFF",
    "stroke_opacity": "100",
    "shadow": "disabled",
    "shadow_opacity": "20",
    "shadow_blur": "50",
    "shadow_offset_x": "0",
    "shadow_offset_y": "0",
    "model": "urn:air:picsart:model:picsart:sod@10",
}

LAID = {"bg_width": "10", "bg_height": "10", "scale": "fill", "bg_blur": "9"}


def read(texts: Mapping[str, str], *, behind: bool = False) -> CutOutOptions:
    fields = Fields.from_pairs(texts.items())
    return read_asked(fields, has_background=behind).options


def idle(texts: Mapping[str, str], *, behind: bool = False) -> tuple[str, ...]:
    fields = Fields.from_pairs(texts.items())
    return read_asked(fields, has_background=behind).ignored


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param({}, DEFAULTS, id="nothing"),
        pytest.param({"output_type": "cutout"}, DEFAULTS, id="output_type-cutout"),
        pytest.param(
            {"output_type": "mask"},
            replace(DEFAULTS, channels=OutputChannels.ALPHA),
            id="output_type-mask",
        ),
        *(
            pytest.param(
                {"format": text}, replace(DEFAULTS, output_format=wanted), id=f"format-{text}"
            )
            for text, wanted in [
                ("PNG", OutputFormat.PNG),
                ("png", OutputFormat.PNG),
                ("JPG", OutputFormat.JPEG),
                ("jpg", OutputFormat.JPEG),
                ("JPEG", OutputFormat.JPEG),
                ("WEBP", OutputFormat.WEBP),
                ("WebP", OutputFormat.WEBP),
            ]
        ),
        *(
            pytest.param(
                {"bg_color": text}, replace(DEFAULTS, background=wanted), id=f"bg_color-{text}"
            )
            for text, wanted in [
                ("f00", Colour(255, 0, 0)),
                ("#f00", Colour(255, 0, 0)),
                ("f008", Colour(255, 0, 0, 136)),
                ("0000ff", Colour(0, 0, 255)),
                ("#0000FF80", Colour(0, 0, 255, 128)),
                ("red", Colour(255, 0, 0)),
                ("00000000", None),
                ("transparent", None),
            ]
        ),
        pytest.param(
            {"auto_center": "true"}, replace(DEFAULTS, placement=CENTRED), id="auto_center-true"
        ),
        pytest.param(
            {"auto_center": "1"}, replace(DEFAULTS, placement=CENTRED), id="auto_center-1"
        ),
        pytest.param({"auto_center": "false"}, DEFAULTS, id="auto_center-false"),
        pytest.param({"stroke_size": "0"}, DEFAULTS, id="stroke_size-0"),
        pytest.param(
            {"stroke_size": "1"},
            replace(DEFAULTS, stroke=Stroke(1, Colour(255, 255, 255))),
            id="stroke_size-1",
        ),
        pytest.param(
            {"stroke_size": "100", "stroke_color": "blue"},
            replace(DEFAULTS, stroke=Stroke(100, Colour(0, 0, 255))),
            id="stroke_color",
        ),
        pytest.param(
            {"stroke_size": "3", "stroke_opacity": "50"},
            replace(DEFAULTS, stroke=Stroke(3, Colour(255, 255, 255, 128))),
            id="stroke_opacity-50",
        ),
        pytest.param(
            {"stroke_size": "3", "stroke_color": "#0f08", "stroke_opacity": "50"},
            replace(DEFAULTS, stroke=Stroke(3, Colour(0, 255, 0, 68))),
            id="stroke_color-see-through",
        ),
        pytest.param({"stroke_size": "3", "stroke_opacity": "0"}, DEFAULTS, id="stroke_opacity-0"),
        pytest.param({"stroke_color": "red", "stroke_opacity": "10"}, DEFAULTS, id="no-stroke"),
        pytest.param(
            {"shadow": "disabled", "shadow_opacity": "90"}, DEFAULTS, id="shadow-disabled"
        ),
        *(
            pytest.param(
                {"shadow": place},
                replace(DEFAULTS, shadow=Shadow(DARK, Length(x), Length(y), SIGMA)),
                id=f"shadow-{place}",
            )
            for place, x, y in [
                ("top", 0, -10),
                ("bottom", 0, 10),
                ("left", -10, 0),
                ("right", 10, 0),
                ("top-left", -10, -10),
                ("top-right", 10, -10),
                ("bottom-left", -10, 10),
                ("bottom-right", 10, 10),
            ]
        ),
        pytest.param(
            {"shadow": "custom", "shadow_offset_x": "-100", "shadow_offset_y": "100"},
            replace(DEFAULTS, shadow=Shadow(DARK, Length(-100), Length(100), SIGMA)),
            id="shadow-custom",
        ),
        pytest.param(
            {"shadow": "Custom", "shadow_offset_x": "0", "shadow_offset_y": "0"},
            replace(DEFAULTS, shadow=Shadow(DARK, blur=SIGMA)),
            id="shadow-custom-in-place",
        ),
        pytest.param(
            {"shadow": "left", "shadow_offset_x": "50", "shadow_offset_y": "50"},
            replace(DEFAULTS, shadow=Shadow(DARK, Length(-10), Length(0), SIGMA)),
            id="shadow-left-with-offsets",
        ),
        pytest.param(
            {"shadow": "top", "shadow_opacity": "100"},
            replace(DEFAULTS, shadow=Shadow(Colour(0, 0, 0), Length(0), Length(-10), SIGMA)),
            id="shadow_opacity-100",
        ),
        pytest.param({"shadow": "top", "shadow_opacity": "0"}, DEFAULTS, id="shadow_opacity-0"),
        *(
            pytest.param(
                {"shadow": "right", "shadow_blur": blur},
                replace(DEFAULTS, shadow=Shadow(DARK, Length(10), Length(0), Length(sigma_px))),
                id=f"shadow_blur-{blur}",
            )
            for blur, sigma_px in [("0", 0), ("1", 1), ("30", 15), ("100", 50)]
        ),
        pytest.param({"model": "urn:air:picsart:model:picsart:sod@11"}, DEFAULTS, id="model"),
        pytest.param(NEUTRAL, DEFAULTS, id="every-neutral-value"),
        pytest.param(dict.fromkeys(NAMES, ""), DEFAULTS, id="every-option-empty"),
    ],
)
def test_options_are_read(texts: dict[str, str], expected: CutOutOptions) -> None:
    assert read(texts) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param({}, BackgroundPicture(Canvas.BACKGROUND), id="its-own-size"),
        pytest.param(
            {"bg_width": "300", "bg_height": "200"},
            BackgroundPicture(Canvas.BACKGROUND, 300, 200),
            id="bg_width-bg_height",
        ),
        pytest.param(
            {"bg_width": "300"}, BackgroundPicture(Canvas.BACKGROUND, 300), id="bg_width-alone"
        ),
        pytest.param(
            {"bg_height": "200"},
            BackgroundPicture(Canvas.BACKGROUND, height_px=200),
            id="bg_height-alone",
        ),
        pytest.param(
            {"bg_width": "10000", "bg_height": "5000"},
            BackgroundPicture(Canvas.BACKGROUND, 10_000, 5_000),
            id="canvas-of-50-MP",
        ),
        pytest.param({"scale": "fit"}, BackgroundPicture(Canvas.BACKGROUND), id="scale-fit"),
        pytest.param(
            {"scale": "FILL"}, BackgroundPicture(Canvas.BACKGROUND, fit=Fit.COVER), id="scale-fill"
        ),
        pytest.param(
            {"bg_blur": "100"}, BackgroundPicture(Canvas.BACKGROUND, blur=0.05), id="bg_blur-100"
        ),
        pytest.param(
            {"bg_blur": "20"}, BackgroundPicture(Canvas.BACKGROUND, blur=0.01), id="bg_blur-20"
        ),
    ],
)
def test_backgrounds_are_laid(texts: dict[str, str], expected: BackgroundPicture) -> None:
    picture = read(texts, behind=True).background_picture

    assert replace(picture, blur=0.0) == replace(expected, blur=0.0)
    assert picture.blur == pytest.approx(expected.blur)


def test_a_subject_is_centred_outlined_and_shadowed_before_a_picture_too() -> None:
    texts = {"auto_center": "true", "stroke_size": "2", "shadow": "top"}

    assert read(texts, behind=True) == replace(
        read(texts), background_picture=BEHIND.background_picture
    )


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        pytest.param({"image_id": "abc"}, {"image_id"}, id="image_id"),
        pytest.param({"bg_image_id": "abc"}, {"bg_image_id"}, id="bg_image_id"),
        pytest.param({"output_type": "alpha"}, {"output_type"}, id="output_type"),
        pytest.param({"format": "gif"}, {"format"}, id="format"),
        pytest.param({"bg_color": "reddish"}, {"bg_color"}, id="bg_color"),
        pytest.param({"bg_width": "0"}, {"bg_width"}, id="bg_width-0"),
        pytest.param({"bg_width": "wide"}, {"bg_width"}, id="bg_width-text"),
        pytest.param({"bg_width": "50000001"}, {"bg_width"}, id="bg_width-50000001"),
        pytest.param({"bg_height": "-1"}, {"bg_height"}, id="bg_height-negative"),
        pytest.param({"bg_height": "1.5"}, {"bg_height"}, id="bg_height-fraction"),
        pytest.param(
            {"bg_width": "50000000", "bg_height": "2"}, {"bg_width"}, id="canvas-over-50-MP"
        ),
        pytest.param({"scale": "stretch"}, {"scale"}, id="scale"),
        pytest.param({"auto_center": "maybe"}, {"auto_center"}, id="auto_center"),
        pytest.param({"stroke_color": "nocolour"}, {"stroke_color"}, id="stroke_color"),
        *(
            pytest.param({name: text}, {name}, id=f"{name}={text}")
            for name in (
                "bg_blur",
                "stroke_size",
                "stroke_opacity",
                "shadow_opacity",
                "shadow_blur",
            )
            for text in ("-1", "101", "much")
        ),
        pytest.param({"shadow": "below"}, {"shadow"}, id="shadow"),
        *(
            pytest.param({name: text}, {name}, id=f"{name}={text}")
            for name in ("shadow_offset_x", "shadow_offset_y")
            for text in ("-101", "101", "far")
        ),
        pytest.param(
            {"shadow": "custom"},
            {"shadow_offset_x", "shadow_offset_y"},
            id="custom-without-offsets",
        ),
        pytest.param(
            {"shadow": "custom", "shadow_offset_x": "1"}, {"shadow_offset_y"}, id="custom-without-y"
        ),
        pytest.param(
            {"shadow": "custom", "shadow_offset_y": "1"}, {"shadow_offset_x"}, id="custom-without-x"
        ),
    ],
)
def test_bad_values_are_told_each(texts: dict[str, str], names: set[str]) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read(texts)

    assert set(caught.value.details["fields"]) == names
    assert all(name in sentence for name, sentence in caught.value.details["fields"].items())


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_list_is_no_value(name: str) -> None:
    listed = Fields(((name, NoText.VALUE),))
    with pytest.raises(InvalidFieldsError) as caught:
        read_asked(listed, has_background=False)
    assert set(caught.value.details["fields"]) == {name}


def test_a_colour_and_a_picture_are_more_than_one_background() -> None:
    with pytest.raises(InvalidFieldsError, match="bg_color"):
        read({"bg_color": "red"}, behind=True)
    assert read({"bg_color": "transparent"}, behind=True) == BEHIND


def test_the_last_of_several_values_counts_and_names_have_no_case() -> None:
    repeated = Fields.from_pairs([("FORMAT", "webp"), ("format", "jpg"), ("Format", "")])

    options = read_asked(repeated, has_background=False).options
    assert options.output_format is OutputFormat.JPEG


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        pytest.param(NEUTRAL, (), id="neutral-values"),
        pytest.param({"model": "urn:air:picsart:model:picsart:sod@8.2"}, ("model",), id="model"),
        pytest.param({"bg_width": "10"}, ("bg_width",), id="bg_width"),
        pytest.param({"bg_height": "10"}, ("bg_height",), id="bg_height"),
        pytest.param({"scale": "fill"}, ("scale",), id="scale"),
        pytest.param({"bg_blur": "1"}, ("bg_blur",), id="bg_blur"),
        pytest.param(
            {
                "output_type": "mask",
                "bg_color": "red",
                "auto_center": "true",
                "stroke_size": "1",
                "shadow": "top",
            },
            ("bg_color", "auto_center", "stroke_size", "shadow"),
            id="around-a-mask",
        ),
    ],
)
def test_what_has_no_effect_is_named(texts: dict[str, str], names: tuple[str, ...]) -> None:
    assert idle(texts) == names


def test_what_has_no_effect_changes_nothing() -> None:
    assert read(LAID) == DEFAULTS
    around = {"bg_color": "red", "auto_center": "true", "stroke_size": "1", "shadow": "top"}
    assert read({"output_type": "mask", **around}) == read({"output_type": "mask"})


def test_before_a_picture_there_is_no_mask() -> None:
    assert read({"output_type": "mask"}, behind=True) == BEHIND
    assert idle({"output_type": "mask"}, behind=True) == ("output_type",)
    assert idle(LAID, behind=True) == ()
