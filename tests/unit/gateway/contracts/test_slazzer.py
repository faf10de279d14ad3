import json

import pytest

from gateway.contracts.slazzer import envelope
from gateway.contracts.slazzer.options import read_asked
from gateway.errors import (
    ApiError,
    ImageTooLargeError,
    InternalError,
    InvalidFieldsError,
    InvalidImageError,
    MultipleBackgroundsError,
    RequestTimeoutError,
)
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat
from gateway.options.fields import Fields
from gateway.options.geometry import Length, Margins, Placement, Region
from gateway.pictures import Slot, mark
from tests.unit.gateway.contracts.error_codes import error_codes

ZERO = Length()
FIVE_PX, TEN_PX = Length(px=5), Length(px=10)


def fields(**values: str) -> Fields:
    return Fields.from_pairs(values.items())


def options(**values: str) -> CutOutOptions:
    return read_asked(fields(**values)).options


def test_by_default_it_is_a_png_of_ten_megapixels_at_most() -> None:
    assert read_asked(fields()).options == CutOutOptions(max_pixels=10_000_000)
    assert read_asked(fields()).ignored == ()


@pytest.mark.parametrize(
    ("spelt", "output_format", "max_pixels"),
    [
        ("png", OutputFormat.PNG, 10_000_000),
        ("jpg", OutputFormat.JPEG, 25_000_000),
        ("JPEG", OutputFormat.JPEG, 25_000_000),
        ("zip", OutputFormat.ZIP, 25_000_000),
    ],
)
def test_format_decides_on_the_most_pixels(
    spelt: str, output_format: OutputFormat, max_pixels: int
) -> None:
    asked = options(format=spelt)

    assert (asked.output_format, asked.max_pixels) == (output_format, max_pixels)
    assert options(format=spelt, preview="true").max_pixels == 250_000


@pytest.mark.parametrize("value", ["true", "1"])
def test_switches_are_written_either_way(value: str) -> None:
    assert options(crop=value).crop
    assert options(preview=value).max_pixels == 250_000


@pytest.mark.parametrize(
    ("text", "margins"),
    [
        ("10px", Margins(TEN_PX, TEN_PX, TEN_PX, TEN_PX)),
        ("5px,10px", Margins(top=TEN_PX, right=FIVE_PX, bottom=TEN_PX, left=FIVE_PX)),
        (
            "1px,2px,3%,4px",
            Margins(top=Length(2), right=Length(share=0.03), bottom=Length(4), left=Length(1)),
        ),
    ],
)
def test_margins_are_left_top_right_bottom(text: str, margins: Margins) -> None:
    assert options(crop="1", crop_margin=text).crop_margin == margins


@pytest.mark.parametrize(
    ("scale", "position", "placement"),
    [
        ("50%", "", Placement(0.5, 0.5, 0.5)),
        ("10%", "0%", Placement(0.1, 0.0, 0.0)),
        ("100%", "20%,80%", Placement(1.0, 0.2, 0.8)),
    ],
)
def test_position_is_of_what_is_scaled(scale: str, position: str, placement: Placement) -> None:
    assert options(scale=scale, position=position).placement == placement


def test_position_without_scale_is_ignored() -> None:
    asked = read_asked(fields(position="20%,80%"))

    assert asked.options.placement is None
    assert asked.ignored == ("position",)


@pytest.mark.parametrize("position", ["50%", "50%,50%", ""])
def test_the_neutral_position_is_not_named(position: str) -> None:
    assert read_asked(fields(position=position)).ignored == ()


@pytest.mark.parametrize("name", ["channel", "channels"])
def test_channel_has_two_spellings(name: str) -> None:
    assert options(**{name: "alpha"}).channels is OutputChannels.ALPHA


def test_a_zip_holds_colours_and_alpha_whatever_the_channel() -> None:
    assert options(format="zip", channel="alpha").channels is OutputChannels.RGBA


@pytest.mark.parametrize("text", ["10%,20,90%,80px", "10% 20 90% 80px"])
def test_roi_is_four_lengths(text: str) -> None:
    region = Region(Length(share=0.1), Length(20), Length(share=0.9), Length(80))
    assert options(roi=text).region == region


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#ff0000", Colour(255, 0, 0)),
        ("00ff00", Colour(0, 255, 0)),
        ("blue", Colour(0, 0, 255)),
        ("00000000", None),
    ],
)
def test_bg_color_code_needs_no_hash(text: str, colour: Colour | None) -> None:
    assert options(bg_color_code=text).background == colour


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "webp"),
        ("crop", "perhaps"),
        ("crop_margin", "1,2,3"),
        ("crop_margin", "-1px"),
        ("scale", "9%"),
        ("scale", "101%"),
        ("position", "101%"),
        ("preview", "big"),
        ("channel", "grey"),
        ("channels", "grey"),
        ("roi", "1,2,3"),
        ("bg_color_code", "no colour"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InvalidFieldsError) as error:
        options(**{name: value})

    assert list(error.value.details["fields"]) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("car_shadow", "true"),
        ("output_image_format", "base64"),
        ("client", "wordpress"),
        ("anything", "else"),
    ],
)
def test_what_changes_nothing_is_named(name: str, value: str) -> None:
    asked = read_asked(fields(**{name: value}))

    assert asked.ignored == (name,)
    assert asked.options == options()


@pytest.mark.parametrize(
    ("name", "value"), [("car_shadow", "false"), ("output_image_format", "binary")]
)
def test_what_asks_for_nothing_is_not_named(name: str, value: str) -> None:
    assert read_asked(fields(**{name: value})).ignored == ()


@pytest.mark.parametrize(
    ("error", "status"), [(RequestTimeoutError(), 408), (InternalError(), 500)]
)
def test_errors_without_a_text_of_their_own_are_told_in_ours(error: ApiError, status: int) -> None:
    response = envelope.render_error(error)

    assert response.status == status
    assert response.text is not None
    assert str(error) in response.text


def test_every_failure_has_a_status() -> None:
    assert set(envelope.STATUSES) == error_codes()


def told(error: ApiError) -> object:
    return json.loads(envelope.render_error(error).text or "")["error"]


@pytest.mark.parametrize("kind", [InvalidImageError, ImageTooLargeError])
def test_an_error_about_the_picture_behind_says_so(kind: type[ApiError]) -> None:
    error = kind()
    assert told(error) == str(error)

    mark(error, Slot.BACKGROUND)

    assert told(error) == f"Background: {error}"


def test_what_says_so_itself_is_told_as_it_is() -> None:
    error = MultipleBackgroundsError()
    mark(error, Slot.BACKGROUND)

    assert told(error) == str(error)
