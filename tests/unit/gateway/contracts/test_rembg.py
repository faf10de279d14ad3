import pytest

from gateway.contracts.rembg import ignored_names, read_options
from gateway.errors import InvalidFieldsError
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels
from gateway.options.fields import Fields

IGNORED = {
    "model": "isnet-anime",
    "a": "true",
    "af": "240",
    "ab": "10",
    "ae": "15",
    "ppm": "true",
    "vm": "true",
    "extras": '{"sam_prompt": []}',
    "anything": "else",
}


def fields(**values: str) -> Fields:
    return Fields.from_pairs(values.items())


def test_by_default_it_is_the_whole_cut_out() -> None:
    assert read_options(fields()) == CutOutOptions()


@pytest.mark.parametrize("value", ["true", "1", "on", "True"])
def test_om_asks_for_the_mask_alone(value: str) -> None:
    assert read_options(fields(om=value)).channels is OutputChannels.ALPHA


@pytest.mark.parametrize(
    ("bgc", "colour"),
    [
        ("255,255,255,255", Colour(255, 255, 255)),
        ("1, 2 ,3", Colour(1, 2, 3)),
        ("0,0,0,128", Colour(0, 0, 0, 128)),
        ("10,20,30,0", None),
        ("", None),
    ],
)
def test_bgc_is_three_or_four_numbers(bgc: str, colour: Colour | None) -> None:
    assert read_options(fields(bgc=bgc)).background == colour


@pytest.mark.parametrize(
    "bgc", ["red", "#ffffff", "1,2", "1,2,3,4,5", "256,0,0", "-1,0,0", "1,,3", "1.5,2,3"]
)
def test_a_bgc_that_is_no_colour_is_refused(bgc: str) -> None:
    with pytest.raises(InvalidFieldsError) as error:
        read_options(fields(bgc=bgc))

    assert list(error.value.details["fields"]) == ["bgc"]


@pytest.mark.parametrize("name", ["om", "dc"])
def test_a_switch_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidFieldsError):
        read_options(fields(**{name: "maybe"}))


@pytest.mark.parametrize("name", IGNORED)
def test_what_changes_nothing_is_named(name: str) -> None:
    sent = fields(**{name: IGNORED[name]})

    assert read_options(sent) == CutOutOptions()
    assert ignored_names(sent) == [name]


@pytest.mark.parametrize(("value", "ignored"), [("true", []), ("false", ["dc"]), ("0", ["dc"])])
def test_dc_cannot_be_switched_off(value: str, ignored: list[str]) -> None:
    assert ignored_names(fields(dc=value)) == ignored


def test_what_is_heeded_is_not_named() -> None:
    assert ignored_names(fields(om="true", bgc="1,2,3")) == []
