import dataclasses

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.options import colour as gateway_colour
from mattebox.client.grpc.colour import ColourError, parse_colour
from mattebox.client.grpc.colour_names import COLOUR_NAMES

numbers = st.one_of(
    st.integers(0, 100).map(str),
    st.integers(-50, 400).map(str),
    st.floats(-2, 400, allow_nan=False).map("{:.4f}".format),
    st.floats(0, 1).map("{:.4f}".format),
    st.sampled_from([".5", "+7", "1e2", "1E-1", "0.5e3", "1e999", "-1e999", "none", "NONE"]),
)
spaces = st.sampled_from(["", " ", "  ", "\t", "\n"])


def values(*units: str) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, numbers, st.sampled_from(units))


def functions(name: str, first: str, others: str) -> st.SearchStrategy[str]:
    """Colours of a function, by commas and by spaces, whose values have these units."""
    channels = (st.just(name), spaces, values(first), values(others), values(others))
    alphas = values("", "%")
    return st.builds(
        "{0}({1}{2}{1},{3}{1},{4}{5}{1})".format,
        *channels,
        st.just("") | alphas.map(", {}".format),
    ) | st.builds(
        "{0}({1}{2} {3} {4}{5}{1})".format,
        *channels,
        st.just("") | st.builds("{0}/{0}{1}".format, spaces, alphas),
    )


UNITS = ["", "%", "deg", "GRAD", "rad", "turn"]
common = st.one_of(
    *(functions(name, unit, unit) for name in ("rgb", "RGBA") for unit in ("", "%")),
    *(functions("hsl", hue, share) for hue in UNITS for share in ("%", "")),
)
mixed = st.one_of(
    *(
        functions(name, first, others)
        for name in ("rgb", "hsla", "hwb", "lab")
        for first in UNITS
        for others in UNITS
    )
)
hexes = st.builds(
    "{}{}".format, st.sampled_from(["#", ""]), st.text("0123456789abcdefABCDEF", max_size=9)
)


def told_by_gateway(text: str) -> tuple[int, ...] | None:
    try:
        return dataclasses.astuple(gateway_colour.parse_colour(text))
    except gateway_colour.ColourError:
        return None


def told_by_client(text: str) -> tuple[int, ...] | None:
    try:
        return dataclasses.astuple(parse_colour(text))
    except ColourError:
        return None


@hypothesis.settings(max_examples=1000)
@given(common)
def test_every_common_notation_is_the_colour_that_the_service_reads(text: str) -> None:
    assert told_by_client(text) == told_by_gateway(text)


@given(mixed | hexes)
def test_mixed_units_and_odd_numbers_of_digits_are_judged_alike(text: str) -> None:
    assert told_by_client(text) == told_by_gateway(text)


@given(st.text(max_size=30) | st.text("rgbhsla(),./%# 0123456789e-none\\*", max_size=40))
def test_what_is_a_colour_here_is_the_same_one_there(text: str) -> None:
    ours = told_by_client(text)

    assert ours is None or ours == told_by_gateway(text)


@pytest.mark.parametrize(
    "name", [*COLOUR_NAMES, "transparent", " ReBeccaPurple ", "currentcolor", "reed"]
)
def test_names_are_the_colours_that_css_gives_them(name: str) -> None:
    assert told_by_client(name) == told_by_gateway(name)


def test_no_name_is_missing() -> None:
    words = {word for word in _words() if told_by_gateway(word) is not None}

    assert words <= {*COLOUR_NAMES, "transparent"}
    assert len(COLOUR_NAMES) == 148


def _words() -> set[str]:
    """Words of which names of colours are made, alone, in pairs and in threes."""
    parts = {"dark", "light", "medium", "pale", "deep", "grey", "gray", "slate", "sea", "sky"}
    parts |= {"red", "green", "blue", "orchid", "violet", "steel", "spring", "rose", "cyan", "pink"}
    pairs = {first + second for first in parts for second in parts}
    return parts | pairs | {pair + part for pair in pairs for part in parts}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#12345",
        "12",
        "rgb(1, 2)",
        "rgb(1 2 3 / )",
        "rgb(1, 2 3)",
        "rgb(1, 2, 3%)",
        "rgb(1deg 2 3)",
        "hsl(1%, 2%, 3%)",
        "rgb(1 2 3 4)",
        "rgb(1 2 3 / 4 / 5)",
        "rgb(\N{ARABIC-INDIC DIGIT ONE} 2 3)",
        "rgb(1\N{NO-BREAK SPACE}2 3)",
        "rgb(1 2 3)x",
        "url(red)",
        "red blue",
        "rgb(1" + " " * 128 + "2 3)",
    ],
)
def test_what_is_no_colour_there_is_none_here(text: str) -> None:
    assert told_by_gateway(text) is None
    assert told_by_client(text) is None
