from enum import Enum

import pytest

from gateway.errors import InvalidFieldsError
from gateway.options.fields import Fields
from gateway.options.reader import OptionReader


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


COLOURS = {"red": Colour.RED, "blue": Colour.BLUE, "azure": Colour.BLUE}


@pytest.mark.parametrize(
    ("value", "colour"), [("red", Colour.RED), ("AZURE", Colour.BLUE), ("", Colour.RED)]
)
def test_a_choice_is_one_of_its_spellings_or_the_default(value: str, colour: Colour) -> None:
    reader = OptionReader(Fields.from_pairs([("colour", value)]))

    assert reader.choice("colour", COLOURS, Colour.RED) is colour
    reader.finish()


def test_a_bad_choice_names_what_would_be_good() -> None:
    reader = OptionReader(Fields.from_pairs([("colour", "green")]))
    reader.choice("colour", COLOURS, Colour.RED)

    with pytest.raises(InvalidFieldsError, match=r"^colour must be one of \['blue', 'red'\]$"):
        reader.finish()


def test_a_field_given_twice_is_bad_even_with_one_value() -> None:
    reader = OptionReader(Fields.from_pairs([("colour", "red"), ("Colour", "red")]))
    reader.choice("colour", COLOURS, Colour.RED)

    with pytest.raises(InvalidFieldsError, match="colour must be given only once"):
        reader.finish()


def test_all_bad_fields_are_told_together() -> None:
    reader = OptionReader(Fields.from_pairs([("one", "x"), ("two", "y"), ("three", "red")]))
    for name in ("one", "two", "three"):
        reader.choice(name, COLOURS, Colour.RED)

    with pytest.raises(InvalidFieldsError) as caught:
        reader.finish()

    assert list(caught.value.details["fields"]) == ["one", "two"]
    assert str(caught.value) == caught.value.details["fields"]["one"]
