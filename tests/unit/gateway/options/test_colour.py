import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.options.colour import MAX_CHARACTERS, Colour, ColourError, parse_colour

channels = st.integers(0, 255)
colours = st.builds(Colour, channels, channels, channels, channels)


@given(colours, st.booleans(), st.booleans())
def test_hexadecimal_colours_come_back(colour: Colour, has_mark: bool, is_upper: bool) -> None:
    text = f"{colour.red:02x}{colour.green:02x}{colour.blue:02x}{colour.alpha:02x}"
    text = text.upper() if is_upper else text

    assert parse_colour(f"#{text}" if has_mark else text) == colour


@given(colours)
def test_functions_come_back(colour: Colour) -> None:
    opaque = Colour(colour.red, colour.green, colour.blue)
    alpha = colour.alpha / 255

    assert parse_colour(f"rgb({colour.red},{colour.green},{colour.blue})") == opaque
    assert parse_colour(f"RGB({colour.red} {colour.green} {colour.blue} / {alpha:.4f})") == colour
    shares = ", ".join(f"{channel / 2.55:.4f}%" for channel in (colour.red, colour.green))
    assert parse_colour(f"rgba({shares}, {colour.blue / 2.55:.4f}%, {alpha:.4f})") == colour


@given(st.integers(0, 359), st.integers(0, 100), st.integers(0, 100))
def test_hues_are_read_as_the_library_of_python_does(hue: int, saturation: int, light: int) -> None:
    expected = colorsys.hls_to_rgb(hue / 360, light / 100, saturation / 100)

    read = parse_colour(f"hsl({hue}, {saturation}%, {light}%)")

    shares = zip((read.red, read.green, read.blue), expected, strict=True)
    assert all(abs(channel - 255 * share) < 0.501 for channel, share in shares)
    assert read == parse_colour(f"HSLA({hue}DEG {saturation}% {light}% / 100%)")


@given(st.text(max_size=30) | st.text("rgbhsla(),./%# 0123456789e-none\\*", max_size=40))
def test_nothing_but_colours_or_the_error_comes_of_any_text(text: str) -> None:
    try:
        colour = parse_colour(text)
    except ColourError:
        return
    assert all(0 <= value <= 255 for value in (colour.red, colour.green, colour.blue, colour.alpha))


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#fff", Colour(255, 255, 255)),
        ("1af", Colour(17, 170, 255)),
        ("#1AF8", Colour(17, 170, 255, 136)),
        ("12345678", Colour(0x12, 0x34, 0x56, 0x78)),
        ("123", Colour(17, 34, 51)),
        ("1e3", Colour(17, 238, 51)),
        ("white", Colour(255, 255, 255)),
        (" ReBeccaPurple ", Colour(102, 51, 153)),
        ("grey", Colour(128, 128, 128)),
        ("transparent", Colour(0, 0, 0, 0)),
        ("rgb(10%, 20%, 30%)", Colour(26, 51, 77)),
        ("rgb(300, -5, 0.5)", Colour(255, 0, 1)),
        ("rgb(1e999, 0, 0)", Colour(255, 0, 0)),
        ("rgb(1, 2, 3", Colour(1, 2, 3)),
        ("rgb(1 2 3 / 50%)", Colour(1, 2, 3, 128)),
        ("rgba(1,2,3,.5)", Colour(1, 2, 3, 128)),
        ("rgba(1,2,3,7)", Colour(1, 2, 3)),
        ("rgb(0 0 0 / 0.001)", Colour(0, 0, 0, 0)),
        ("hsl(0.5turn 100% 50%)", Colour(0, 255, 255)),
        ("hsl(200grad, 100%, 50%)", Colour(0, 255, 255)),
        ("hsl(-180, 100%, 50%)", Colour(0, 255, 255)),
        ("hsl(0, 200%, 25%)", Colour(128, 0, 0)),
        ("hsl(180, 100%, 25%)", Colour(0, 128, 128)),
        ("hsl(0, 50%, 200%)", Colour(255, 255, 255)),
        ("hsl(none none 50%)", Colour(128, 128, 128)),
    ],
)
def test_every_notation_is_read(text: str, colour: Colour) -> None:
    assert parse_colour(text) == colour


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#1",
        "#12",
        "#12345",
        "#1234567",
        "#123456789",
        "#ggg",
        "##fff",
        "12",
        "12345",
        "0xffffff",
        "nonsense",
        "red blue",
        "red;",
        "none",
        "currentcolor",
        "inherit",
        "canvas",
        "buttonface",
        "rgb",
        "rgb()",
        "rgb(1,2)",
        "rgb(1,2,3,4,5)",
        "rgb(1 2 3 4)",
        "rgb(1 2 3 / none)",
        "rgb(1,50%,3)",
        "rgb(a,b,c)",
        "rgb(from red r g b)",
        "rgb(calc(1),2,3)",
        "hsl(1, 2%)",
        "hsl(1px, 2%, 3%)",
        "hsl(1e999, 2%, 3%)",
        "hwb(1 2% 3%)",
        "lab(50 1 1)",
        "oklch(50% 1 1)",
        "color(srgb 1 1 1)",
        "color()",
        "color-mix(in srgb, red, blue)",
        "light-dark(red, blue)",
        "var(--red)",
        "url(red)",
        "\uff52\uff45\uff44",
        "#\uff11\uff12\uff13",
        "\u0661\u0662\u0663",
        "red\0",
        "(" * MAX_CHARACTERS,
        "{[(",
    ],
)
def test_what_is_no_colour_in_srgb_is_refused(text: str) -> None:
    with pytest.raises(ColourError):
        parse_colour(text)


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_colour_has_a_longest_text(surplus: int) -> None:
    text = f"rgb(1, 2, {'0' * (MAX_CHARACTERS - 12 + surplus)}3)"
    assert len(text) == MAX_CHARACTERS + surplus

    if surplus:
        with pytest.raises(ColourError):
            parse_colour(text)
    else:
        assert parse_colour(text) == Colour(1, 2, 3)
