import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidBackgroundError, InvalidFieldsError
from gateway.options import cut_out
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat, Size
from gateway.options.fields import Fields, FieldValue, NoText

ORDER = ["format", "channels", "size", "crop", "bg_color", "despill"]

values: st.SearchStrategy[FieldValue] = st.one_of(
    st.sampled_from(["png", "JPG", "alpha", "hd", "auto", "true", "0", "red", "#fff", "x", " "]),
    st.text(max_size=5),
    st.booleans(),
    st.just(NoText.VALUE),
)


def read(**values: FieldValue) -> CutOutOptions:
    return cut_out.read_cut_out_options(Fields.from_pairs(values.items()))


def test_nothing_asked_for_is_an_rgba_png_of_full_size() -> None:
    assert read() == CutOutOptions(
        output_format=OutputFormat.PNG,
        channels=OutputChannels.RGBA,
        max_pixels=50_000_000,
        crop=False,
        background=None,
        despill=False,
    )


def test_what_is_asked_for_is_read() -> None:
    options = read(
        Format="JPEG", channels="rgba", SIZE="Preview", crop=True, bg_color="Red", despill="yes"
    )

    assert options == CutOutOptions(
        output_format=OutputFormat.JPEG,
        channels=OutputChannels.RGBA,
        max_pixels=250_000,
        crop=True,
        background=Colour(255, 0, 0),
        despill=True,
    )


@pytest.mark.parametrize("fields", [{"channels": "alpha", "format": "jpg"}, {"format": "webp"}])
def test_the_matte_alone_is_a_png_whatever_the_format(fields: dict[str, str]) -> None:
    given = Fields.from_pairs(fields.items())
    options = cut_out.read_cut_out_options(given, default_channels=OutputChannels.ALPHA)

    assert options.channels is OutputChannels.ALPHA
    assert options.output_format is OutputFormat.PNG


def test_the_default_of_the_channels_is_the_dialects() -> None:
    matte, picture = OutputChannels.ALPHA, OutputChannels.RGBA

    for fields, channels in ((Fields(), matte), (Fields((("channels", "rgba"),)), picture)):
        assert cut_out.read_cut_out_options(fields, default_channels=matte).channels is channels


@pytest.mark.parametrize(
    ("spellings", "output_format"),
    [
        (["png", "PNG"], OutputFormat.PNG),
        (["jpg", "jpeg", "jpe", "jfif", "Jpeg"], OutputFormat.JPEG),
        (["webp"], OutputFormat.WEBP),
        (["bmp"], OutputFormat.BMP),
        (["tif", "tiff"], OutputFormat.TIFF),
        (["gif"], OutputFormat.GIF),
    ],
)
def test_formats_have_their_spellings(spellings: list[str], output_format: OutputFormat) -> None:
    assert {read(format=spelling).output_format for spelling in spellings} == {output_format}


@pytest.mark.parametrize(
    ("size", "max_pixels"),
    [
        ("preview", 250_000),
        ("medium", 1_500_000),
        ("hd", 4_000_000),
        ("full", 50_000_000),
        ("auto", 50_000_000),
    ],
)
def test_sizes_are_bounds_of_pixels(size: str, max_pixels: int) -> None:
    assert read(size=size.upper()).max_pixels == max_pixels


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("format", "format must be one of ['bmp', 'gif', 'jpg', 'png', 'tiff', 'webp']"),
        ("channels", "channels must be one of ['alpha', 'rgba']"),
        ("size", "size must be one of ['auto', 'full', 'hd', 'medium', 'preview']"),
        ("crop", "crop must be a boolean (true or false)"),
        ("bg_color", "bg_color must be a valid hex or named color."),
        ("despill", "despill must be a boolean (true or false)"),
    ],
)
@pytest.mark.parametrize("value", ["x", "rgb", NoText.VALUE])
def test_each_option_has_its_message(name: str, message: str, value: FieldValue) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read(**{name: value})

    assert str(caught.value) == message
    assert caught.value.details["fields"] == {name: message}
    assert isinstance(caught.value, InvalidBackgroundError) is (name == "bg_color")


@pytest.mark.parametrize("bad", [*itertools.combinations(ORDER, 2), tuple(ORDER)])
def test_all_bad_options_are_told_in_the_order_of_the_table(bad: tuple[str, ...]) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read(**dict.fromkeys(reversed(bad), "x"))

    assert list(caught.value.details["fields"]) == list(bad)
    assert str(caught.value) == caught.value.details["fields"][bad[0]]
    assert caught.value.code == ("invalid_bg_color" if bad[0] == "bg_color" else "bad_request")


@given(st.dictionaries(st.sampled_from(ORDER) | st.text(max_size=3), values))
def test_nothing_but_the_documented_errors_comes_of_any_fields(
    fields: dict[str, FieldValue],
) -> None:
    try:
        options = read(**fields)
    except InvalidFieldsError as error:
        assert set(error.details["fields"]) <= set(fields)  # noqa: PT017
    else:
        assert 250_000 <= options.max_pixels <= 50_000_000


def test_every_choice_has_a_spelling_and_every_format_a_content_type() -> None:
    answered = set(OutputFormat) - {OutputFormat.AUTO}
    assert set(cut_out.FORMATS.values()) == answered - {OutputFormat.ZIP}
    assert set(cut_out.CONTENT_TYPES) == answered
    assert set(cut_out.CHANNELS.values()) == set(OutputChannels)
    assert set(cut_out.SIZES.values()) == set(Size) == set(cut_out.MAX_PIXELS)
    assert sorted(ORDER) == sorted(cut_out.NAMES)


@pytest.mark.parametrize("channels", OutputChannels)
def test_a_zip_alone_holds_colours_and_alpha_whatever_is_asked_for(
    channels: OutputChannels,
) -> None:
    for output_format in OutputFormat:
        held = OutputChannels.RGBA if output_format is OutputFormat.ZIP else channels
        assert cut_out.channels_in(output_format, channels) is held
