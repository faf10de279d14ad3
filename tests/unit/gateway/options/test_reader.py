from enum import Enum

import pytest

from gateway.errors import InvalidBackgroundError, InvalidFieldsError
from gateway.options.colour import Colour
from gateway.options.fields import Fields, FieldValue, NoText
from gateway.options.reader import OptionReader


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
    reads = {"crop": reader.boolean, "bg_color": reader.background}
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
