from collections.abc import Callable
from enum import Enum

import pytest

from gateway.errors import InvalidBackgroundError, InvalidFieldsError
from gateway.options.colour import Colour
from gateway.options.fields import Fields, FieldValue, NoText
from gateway.options.geometry import NO_MARGINS, Length, Margins
from gateway.options.lengths import margins_css, parse_length, parse_region
from gateway.options.reader import OptionReader, Repeated


class Paint(Enum):
    RED = "red"
    BLUE = "blue"


PAINTS = {"red": Paint.RED, "blue": Paint.BLUE, "azure": Paint.BLUE}


@pytest.mark.parametrize(
    ("value", "paint"), [("red", Paint.RED), ("AZURE", Paint.BLUE), ("", Paint.RED)]
)
def test_a_choice_is_one_of_its_spellings_or_the_default(value: str, paint: Paint) -> None:
    reader = OptionReader(Fields.from_pairs([("paint", value)]))

    assert reader.choice("paint", PAINTS, Paint.RED) is paint
    reader.finish()


def test_a_bad_choice_names_what_would_be_good() -> None:
    reader = OptionReader(Fields.from_pairs([("paint", "green")]))
    reader.choice("paint", PAINTS, Paint.RED)

    with pytest.raises(InvalidFieldsError, match=r"^paint must be one of \['blue', 'red'\]$"):
        reader.finish()


@pytest.mark.parametrize("value", [True, False, NoText.VALUE])
def test_a_choice_is_text(value: FieldValue) -> None:
    reader = OptionReader(Fields.from_pairs([("paint", value)]))
    reader.choice("paint", PAINTS, Paint.RED)

    with pytest.raises(InvalidFieldsError, match=r"^paint must be one of \['blue', 'red'\]$"):
        reader.finish()


@pytest.mark.parametrize(
    ("value", "switch"),
    [
        ("true", True),
        ("1", True),
        ("YES", True),
        ("On", True),
        (True, True),
        ("False", False),
        ("0", False),
        ("no", False),
        ("OFF", False),
        (False, False),
        ("", False),
    ],
)
def test_a_switch_is_written_in_many_ways(value: FieldValue, switch: bool) -> None:
    reader = OptionReader(Fields.from_pairs([("crop", value)]))

    assert reader.boolean("crop") is switch
    reader.finish()


@pytest.mark.parametrize("value", ["2", "-1", "t", "y", "none", "true,false", NoText.VALUE])
def test_a_bad_switch_is_told(value: FieldValue) -> None:
    reader = OptionReader(Fields.from_pairs([("crop", value)]))

    assert reader.boolean("crop") is False
    with pytest.raises(InvalidFieldsError, match=r"^crop must be a boolean \(true or false\)$"):
        reader.finish()


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        ("#102030", Colour(16, 32, 48)),
        ("1234", Colour(17, 34, 51, 68)),
        ("", None),
        ("transparent", None),
        ("#fff0", None),
        ("rgb(1 2 3 / 0.1%)", None),
    ],
)
def test_a_background_is_a_colour_that_can_be_seen(value: str, colour: Colour | None) -> None:
    reader = OptionReader(Fields.from_pairs([("bg_color", value)]))

    assert reader.background("bg_color") == colour
    reader.finish()


@pytest.mark.parametrize("value", ["nonsense", True, False, NoText.VALUE])
def test_a_bad_background_has_an_error_of_its_own(value: FieldValue) -> None:
    reader = OptionReader(Fields.from_pairs([("bg_color", value)]))

    assert reader.background("bg_color") is None
    with pytest.raises(
        InvalidBackgroundError, match=r"^bg_color must be a valid hex or named color\.$"
    ):
        reader.finish()


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["crop", "bg_color"], "bad_request"),
        (["bg_color", "crop"], "invalid_bg_color"),
    ],
)
def test_the_first_bad_option_gives_the_code(names: list[str], code: str) -> None:
    reader = OptionReader(Fields.from_pairs([("crop", "x"), ("bg_color", "x")]))
    reads: dict[str, Callable[[str], object]] = {
        "crop": reader.boolean,
        "bg_color": reader.background,
    }
    for name in names:
        reads[name](name)

    with pytest.raises(InvalidFieldsError) as caught:
        reader.finish()

    assert caught.value.code == code
    assert list(caught.value.details["fields"]) == names


def test_a_field_given_twice_is_bad_even_with_one_value() -> None:
    reader = OptionReader(Fields.from_pairs([("paint", "red"), ("Paint", "red")]))
    reader.choice("paint", PAINTS, Paint.RED)

    with pytest.raises(InvalidFieldsError, match="paint must be given only once"):
        reader.finish()


def test_all_bad_fields_are_told_together() -> None:
    reader = OptionReader(Fields.from_pairs([("one", "x"), ("two", "y"), ("three", "red")]))
    for name in ("one", "two", "three"):
        reader.choice(name, PAINTS, Paint.RED)

    with pytest.raises(InvalidFieldsError) as caught:
        reader.finish()

    assert list(caught.value.details["fields"]) == ["one", "two"]
    assert str(caught.value) == caught.value.details["fields"]["one"]


def last_counting(**fields: FieldValue) -> OptionReader:
    return OptionReader(Fields.from_pairs(fields.items()), Repeated.LAST_COUNTS)


def test_of_a_repeated_option_the_last_counts_where_that_is_the_rule() -> None:
    fields = Fields.from_pairs([("paint", "green"), ("Paint", "BLUE"), ("paint", " ")])
    reader = OptionReader(fields, Repeated.LAST_COUNTS)

    assert reader.choice("paint", PAINTS, Paint.RED) is Paint.BLUE
    reader.finish()


def test_a_choice_may_be_among_anything() -> None:
    reader = last_counting(size="4K", other="5k")

    assert reader.choice("size", {"hd": 4, "4k": 25}, 1) == 25
    assert reader.choice("absent", {"hd": 4}, None) is None
    reader.choice("other", {"hd": 4, "4k": 25}, 1)
    with pytest.raises(InvalidFieldsError, match=r"^other must be one of \['4k', 'hd'\]$"):
        reader.finish()


@pytest.mark.parametrize(
    ("fields", "switch"), [({}, True), ({"a": "off"}, False), ({"a": ""}, True)]
)
def test_a_switch_may_be_on_by_default(fields: dict[str, FieldValue], switch: bool) -> None:
    assert last_counting(**fields).boolean("a", default=True) is switch


@pytest.mark.parametrize(
    ("value", "number"), [("0", 0), ("100", 100), ("+7", 7), ("50.0", 50), ("007", 7), ("", 20)]
)
def test_a_whole_number_is_within_its_bounds(value: str, number: int) -> None:
    reader = last_counting(a=value)

    assert reader.whole("a", 0, 100, 20) == number
    reader.finish()


@pytest.mark.parametrize(
    "value", ["-1", "101", "1.5", "1e1", "x", "1 0", "\u0663", "9" * 11, True, NoText.VALUE]
)
def test_another_number_is_none(value: FieldValue) -> None:
    reader = last_counting(a=value)

    assert reader.whole("a", 0, 100, None) is None
    with pytest.raises(InvalidFieldsError, match=r"^a must be a whole number from 0 to 100$"):
        reader.finish()


@pytest.mark.parametrize("value", ["00000000", "transparent", "#0000", "rgba(1, 2, 3, 0)"])
def test_a_colour_without_alpha_is_no_background_but_a_colour(value: str) -> None:
    reader = last_counting(a=value)

    assert reader.background("a") is None
    assert reader.colour("a", None) is not None
    reader.finish()


def test_a_colour_has_a_default() -> None:
    reader = last_counting(a="red", b="reddish")

    assert reader.colour("a", None) == Colour(255, 0, 0)
    assert reader.colour("absent", Colour(1, 2, 3)) == Colour(1, 2, 3)
    assert reader.colour("b", None) is None
    with pytest.raises(InvalidFieldsError) as caught:
        reader.finish()
    assert caught.value.code == "bad_request"


def test_a_text_is_what_it_is() -> None:
    reader = last_counting(a=" x ", b=NoText.VALUE)

    assert (reader.text("a"), reader.text("absent"), reader.text("b")) == ("x", None, None)
    with pytest.raises(InvalidFieldsError, match=r"^b must be a text$"):
        reader.finish()


def test_what_a_parser_refuses_is_told_in_the_readers_words() -> None:
    reader = last_counting(roi="1 2 3", margin="5%")

    assert reader.parsed("roi", parse_region, "roi is odd", None) is None
    assert reader.parsed("margin", parse_length, "margin is odd", None) == Length(share=0.05)
    with pytest.raises(InvalidFieldsError, match=r"^roi is odd$"):
        reader.finish()


def test_problems_are_told_in_the_order_of_reading_and_once_each() -> None:
    reader = last_counting(a="x", b="y")
    reader.whole("a", 0, 1, 0)
    reader.problem("b", "b is odd")
    reader.problem("a", "a is odd")

    with pytest.raises(InvalidFieldsError) as caught:
        reader.finish()
    assert list(caught.value.details["fields"].items()) == [
        ("a", "a must be a whole number from 0 to 1"),
        ("b", "b is odd"),
    ]


@pytest.mark.parametrize(
    ("text", "margins"),
    [
        ("", NO_MARGINS),
        ("1px 2%", Margins(Length(1), Length(share=0.02), Length(1), Length(share=0.02))),
    ],
)
def test_margins_are_in_the_order_that_is_asked_for(text: str, margins: Margins) -> None:
    reader = OptionReader(Fields.from_pairs([("border", text)]))

    assert reader.margins("border", margins_css) == margins
    reader.finish()


@pytest.mark.parametrize("text", ["1 2 3", "-1px", "wide"])
def test_bad_margins_are_told_by_their_name(text: str) -> None:
    reader = OptionReader(Fields.from_pairs([("border", text)]))

    assert reader.margins("border", margins_css) == NO_MARGINS
    with pytest.raises(InvalidFieldsError, match=r"^border must be one, two or four lengths$"):
        reader.finish()
