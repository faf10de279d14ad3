import json
from typing import Any, get_args, get_type_hints

import pytest

from mattebox.client.options import Channels, Format, Options, OptionValues, Size, chosen
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    document = json.loads((ROOT / "services/gateway/reference/openapi.json").read_text())
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas


def test_options_take_what_the_contract_takes(schemas: dict[str, Any]) -> None:
    for name, literal in (("Format", Format), ("Channels", Channels), ("Size", Size)):
        assert list(get_args(literal)) == schemas[name]["enum"]


def test_the_defaults_are_those_of_the_contract(schemas: dict[str, Any]) -> None:
    options = Options()

    assert options.format == schemas["Format"]["default"]
    assert options.channels == schemas["Channels"]["default"]
    assert options.size == schemas["Size"]["default"]
    assert (options.crop, options.bg_color, options.despill) == (False, None, False)


def test_both_ways_to_give_options_know_the_same_ones() -> None:
    assert get_type_hints(OptionValues) == get_type_hints(Options)


def test_options_by_name_win_over_those_that_are_handed_on() -> None:
    given = Options(format="webp", crop=True)

    assert chosen(given, {"crop": False}) == Options(format="webp")
    assert chosen(None, {"bg_color": "red"}) == Options(bg_color="red")
    assert given == Options(format="webp", crop=True)
