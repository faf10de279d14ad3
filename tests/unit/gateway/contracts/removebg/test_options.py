import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contracts.removebg import options as dialect
from gateway.contracts.removebg.errors import MultipleShadowsError
from gateway.contracts.removebg.options import read_asked
from gateway.errors import InvalidFieldsError
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat
from gateway.options.fields import Fields, FieldValue, NoText
from gateway.options.geometry import Length, Margins, Placement, Region
from tests.unit.gateway.contracts.removebg.reading import (
    MAX_INPUT_PIXELS,
    asked,
    bad_fields,
    options,
)

VALUES: st.SearchStrategy[FieldValue] = st.one_of(
    st.sampled_from(
        ["auto", "png", "hd", "car", "person", "drop", "3D", "50%", "1 2 3 4", "true", "0", "red"]
    ),
    st.text(max_size=8),
    st.booleans(),
    st.just(NoText.VALUE),
)


def share(percent: float) -> Length:
    return Length(share=percent / 100)


def test_nothing_asked_for_is_a_preview_in_the_format_that_fits() -> None:
    plain = asked()

    assert plain.options == CutOutOptions(
        output_format=OutputFormat.AUTO,
        max_pixels=250_000,
        max_png_pixels=250_000,
        max_input_pixels=MAX_INPUT_PIXELS,
        describe_subject=True,
    )
    assert (plain.told_type, plain.ignored, plain.approximated) == ("other", (), ())


@pytest.mark.parametrize(
    ("size", "max_pixels"),
    [
        ("preview", 250_000),
        ("small", 250_000),
        ("regular", 250_000),
        ("medium", 1_500_000),
        ("hd", 4_000_000),
        ("full", 25_000_000),
        ("4k", 25_000_000),
        ("auto", 25_000_000),
        ("50MP", 50_000_000),
        ("50mp", 50_000_000),
        ("FULL", 25_000_000),
    ],
)
def test_a_size_bounds_the_pixels(size: str, max_pixels: int) -> None:
    assert options(size=size, format="jpg").max_pixels == max_pixels
    assert options(size=size, format="webp").max_pixels == max_pixels
    assert options(size=size, format="zip").max_pixels == max_pixels


@pytest.mark.parametrize("size", ["full", "4k", "auto", "50MP"])
def test_a_png_has_at_most_ten_megapixels(size: str) -> None:
    assert options(size=size, format="png").max_pixels == 10_000_000


@pytest.mark.parametrize(("size", "max_pixels"), [("full", 25_000_000), ("50MP", 50_000_000)])
def test_what_turns_out_to_be_a_png_has_them_too(size: str, max_pixels: int) -> None:
    read = options(size=size)

    assert (read.max_pixels, read.max_png_pixels) == (max_pixels, 10_000_000)


def test_a_small_png_is_not_enlarged_to_ten_megapixels() -> None:
    assert options(size="hd", format="png").max_pixels == 4_000_000
    assert options(size="hd").max_png_pixels == 4_000_000


@pytest.mark.parametrize(
    ("spelt", "output_format"),
    [
        ("auto", OutputFormat.AUTO),
        ("png", OutputFormat.PNG),
        ("jpg", OutputFormat.JPEG),
        ("jpeg", OutputFormat.JPEG),
        ("JPG", OutputFormat.JPEG),
        ("webp", OutputFormat.WEBP),
        ("zip", OutputFormat.ZIP),
    ],
)
def test_formats(spelt: str, output_format: OutputFormat) -> None:
    assert options(format=spelt).output_format is output_format


@pytest.mark.parametrize(
    ("spelt", "output_format"),
    [
        ("auto", OutputFormat.PNG),
        ("png", OutputFormat.PNG),
        ("jpg", OutputFormat.JPEG),
        ("webp", OutputFormat.WEBP),
    ],
)
def test_a_mask_is_in_the_format_that_is_asked_for_and_else_a_png(
    spelt: str, output_format: OutputFormat
) -> None:
    read = options(channels="alpha", format=spelt, size="50MP")

    assert (read.channels, read.output_format) == (OutputChannels.ALPHA, output_format)
    assert read.max_pixels == (10_000_000 if output_format is OutputFormat.PNG else 50_000_000)


def test_channels_have_no_effect_on_an_archive() -> None:
    assert options(channels="alpha", format="zip").channels is OutputChannels.RGBA


@pytest.mark.parametrize(
    ("roi", "region"),
    [
        ("0 0 100% 100%", Region(Length(), Length(), share(100), share(100))),
        ("0% 0% 100% 100%", Region(Length(), Length(), share(100), share(100))),
        ("10px 20px 30px 40px", Region(Length(10), Length(20), Length(30), Length(40))),
        ("10 20 30 40", Region(Length(10), Length(20), Length(30), Length(40))),
        ("10%, 20px, 90%, 40", Region(share(10), Length(20), share(90), Length(40))),
        ("10,20,30,40", Region(Length(10), Length(20), Length(30), Length(40))),
    ],
)
def test_regions(roi: str, region: Region) -> None:
    assert options(roi=roi).region == region


@pytest.mark.parametrize(
    ("margin", "margins"),
    [
        ("10%", Margins(share(10), share(10), share(10), share(10))),
        ("10px", Margins(Length(10), Length(10), Length(10), Length(10))),
        ("10", Margins(Length(10), Length(10), Length(10), Length(10))),
        ("1px 2%", Margins(Length(1), share(2), Length(1), share(2))),
        ("1 2 3 4", Margins(Length(1), Length(2), Length(3), Length(4))),
    ],
)
def test_crop_margins_are_in_the_order_of_css(margin: str, margins: Margins) -> None:
    read = options(crop="true", crop_margin=margin)

    assert (read.crop, read.crop_margin) == (True, margins)


@pytest.mark.parametrize(
    ("fields", "placement"),
    [
        ({}, None),
        ({"scale": "original"}, None),
        ({"position": "original"}, None),
        ({"scale": "80%"}, Placement(0.8, 0.5, 0.5)),
        ({"scale": "10%"}, Placement(0.1, 0.5, 0.5)),
        ({"scale": "100%"}, Placement(1.0, 0.5, 0.5)),
        ({"scale": "80%", "position": "original"}, Placement(0.8, None, None)),
        ({"scale": "80%", "position": "0% 100%"}, Placement(0.8, 0.0, 1.0)),
        ({"position": "center"}, Placement(None, 0.5, 0.5)),
        ({"position": "Center"}, Placement(None, 0.5, 0.5)),
        ({"position": "30%"}, Placement(None, 0.3, 0.3)),
        ({"position": "30% 70%"}, Placement(None, 0.3, 0.7)),
        ({"scale": "original", "position": "30% 70%"}, Placement(None, 0.3, 0.7)),
    ],
    ids=str,
)
def test_scale_and_position(fields: dict[str, str], placement: Placement | None) -> None:
    assert options(**fields).placement == placement


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("fff", Colour(255, 255, 255)),
        ("81d4fa", Colour(0x81, 0xD4, 0xFA)),
        ("#81d4fa", Colour(0x81, 0xD4, 0xFA)),
        ("f008", Colour(255, 0, 0, 0x88)),
        ("81d4fa77", Colour(0x81, 0xD4, 0xFA, 0x77)),
        ("green", Colour(0, 128, 0)),
        ("00000000", None),
        ("transparent", None),
    ],
)
def test_background_colours(value: str, colour: Colour | None) -> None:
    assert options(bg_color=value).background == colour


@pytest.mark.parametrize("value", ["true", "1", "yes", "on", True])
def test_switches_are_on(value: FieldValue) -> None:
    assert options(crop=value).crop


@pytest.mark.parametrize("value", ["false", "0", "no", "off", False, ""])
def test_switches_are_off(value: FieldValue) -> None:
    assert not options(crop=value).crop


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", "huge"),
        ("size", "0.25"),
        ("format", "gif"),
        ("roi", "0 0 100%"),
        ("roi", "0 0 100% 100% 5"),
        ("roi", "a b c d"),
        ("roi", "0 0 10em 10em"),
        ("crop", "maybe"),
        ("crop", "2"),
        ("crop_margin", "1 2 3"),
        ("crop_margin", "-1"),
        ("crop_margin", "wide"),
        ("scale", "9%"),
        ("scale", "101%"),
        ("scale", "80"),
        ("scale", "large"),
        ("position", "middle"),
        ("position", "-1%"),
        ("position", "101%"),
        ("position", "1% 2% 3%"),
        ("channels", "rgb"),
        ("semitransparency", "partly"),
        ("bg_color", "no colour"),
        ("add_shadow", "maybe"),
        ("shadow_type", "long"),
        ("shadow_type[car]", "long"),
        ("shadow_opacity", "101"),
        ("shadow_opacity", "-1"),
        ("shadow_opacity", "half"),
        ("shadow_opacity[car]", "101"),
        ("type", NoText.VALUE),
        ("size", NoText.VALUE),
        ("roi", True),
    ],
)
def test_bad_values(name: str, value: FieldValue) -> None:
    assert bad_fields(**{name: value}) == [name]


def test_all_bad_values_are_told_in_the_order_of_the_specification() -> None:
    bad = dict.fromkeys(["bg_color", "roi", "size", "channels", "format"], "?")

    assert bad_fields(**bad) == ["size", "format", "roi", "channels", "bg_color"]


@pytest.mark.parametrize("name", sorted(dialect.NAMES))
def test_an_empty_field_is_an_absent_one(name: str) -> None:
    assert asked(**{name: " "}) == asked()


@pytest.mark.parametrize("name", sorted(dialect.NAMES))
def test_names_ignore_case(name: str) -> None:
    value = "true" if name in {"crop", "add_shadow"} else "?"
    spelt = Fields.from_pairs([(name.upper(), value)])

    assert spelt.names_beyond(dialect.NAMES) == []
    assert bad_fields(**{name.upper(): "?"}) == bad_fields(**{name: "?"})


def test_of_a_repeated_field_the_last_counts() -> None:
    fields = Fields.from_pairs([("size", "?"), ("SIZE", "hd"), ("size", "")])

    assert read_asked(fields, MAX_INPUT_PIXELS).options.max_pixels == 4_000_000


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"type": "auto"}, ()),
        ({"type": "person"}, ("type",)),
        ({"type": "spaceship"}, ("type",)),
        ({"semitransparency": "true"}, ()),
        ({"semitransparency": "false"}, ("semitransparency",)),
        ({"semitransparency": False}, ("semitransparency",)),
        ({"type_level": "latest"}, ()),
        ({"crop_margin": "5%", "scale": "50%", "position": "center"}, ()),
    ],
    ids=str,
)
def test_what_is_not_heeded_is_named(fields: dict[str, FieldValue], ignored: tuple[str]) -> None:
    assert asked(**fields).ignored == ignored


@given(st.dictionaries(st.sampled_from(sorted(dialect.NAMES)), VALUES))
def test_whatever_is_sent_is_read_or_refused(sent: dict[str, FieldValue]) -> None:
    try:
        read = asked(**sent)
    except (InvalidFieldsError, MultipleShadowsError):
        return
    assert 0 < read.options.max_pixels <= 50_000_000
    assert {*read.ignored, *read.approximated} <= set(sent)
