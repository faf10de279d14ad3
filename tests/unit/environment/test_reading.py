from typing import Annotated

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from environment import (
    Section,
    Settings,
    SettingsError,
    exit_with_problems,
    read_settings,
    read_settings_or_exit,
    variable_names,
)


class Oven(Section):
    name: str
    """What it is called."""

    max_heat_c: Annotated[int, Field(le=250)] = 200
    """How hot it gets."""


class Door(Section):
    is_open: bool = False
    """Whether it is open."""


class Kitchen(Settings):
    model_config = SettingsConfigDict(env_prefix="KITCHEN_")

    oven: Oven
    """The oven."""

    door: Door = Door()
    """The door."""

    meals: int = Field(default=2, validation_alias="MEALS_A_DAY")
    """How often it is used."""


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("KITCHEN_OVEN_NAME", "Etna")
    return monkeypatch


def test_settings_are_read_by_prefix_section_and_field(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("KITCHEN_OVEN_MAX_HEAT_C", "180")
    variables.setenv("kitchen_door_is_open", "true")

    kitchen = read_settings(Kitchen)

    assert kitchen.oven == Oven(name="Etna", max_heat_c=180)
    assert kitchen.door.is_open


def test_a_single_setting_has_a_name_of_its_own(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("MEALS_A_DAY", "3")

    assert read_settings(Kitchen).meals == 3


def test_a_bad_single_setting_is_told_by_its_name(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("MEALS_A_DAY", "many")

    with pytest.raises(SettingsError) as caught:
        read_settings(Kitchen)
    (problem,) = caught.value.problems
    assert problem.startswith("MEALS_A_DAY: Input should be a valid integer")


def test_the_names_of_all_variables_can_be_listed() -> None:
    assert variable_names(Kitchen) == {
        "MEALS_A_DAY",
        "KITCHEN_OVEN_NAME",
        "KITCHEN_OVEN_MAX_HEAT_C",
        "KITCHEN_DOOR_IS_OPEN",
    }


def test_a_missing_variable_is_told_by_name() -> None:
    assert _problems() == ("KITCHEN_OVEN_NAME: Field required",)


def test_all_problems_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITCHEN_OVEN_MAX_HEAT_C", "251")
    monkeypatch.setenv("KITCHEN_DOOR_IS_OPEN", "ajar")
    monkeypatch.setenv("KITCHEN_DOOR_IS_OPNE", "1")

    assert _problems() == (
        "KITCHEN_DOOR_IS_OPNE is not a setting. Did you mean KITCHEN_DOOR_IS_OPEN?",
        "KITCHEN_OVEN_NAME: Field required",
        "KITCHEN_OVEN_MAX_HEAT_C: Input should be less than or equal to 250",
        "KITCHEN_DOOR_IS_OPEN: Input should be a valid boolean, unable to interpret input",
    )


@pytest.mark.parametrize("name", ["KITCHEN_X", "KITCHEN_OVEN_X", "KITCHEN_", "kitchen_sink_depth"])
def test_a_variable_that_is_no_setting_is_a_problem(
    variables: pytest.MonkeyPatch, name: str
) -> None:
    variables.setenv(name, "1")

    (problem,) = _problems()
    assert problem.startswith(f"{name} is not a setting.")


@pytest.mark.parametrize("value", ['{"is_open": true}', "nonsense"])
def test_a_whole_section_cannot_be_given_in_one_variable(
    variables: pytest.MonkeyPatch, value: str
) -> None:
    variables.setenv("KITCHEN_DOOR", value)

    assert any(problem.startswith("KITCHEN_DOOR is not a setting") for problem in _problems())


def test_variables_of_others_are_left_alone(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("OTHER_KITCHEN_X", "1")

    assert read_settings(Kitchen).oven.name == "Etna"


def test_values_are_never_told(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("KITCHEN_OVEN_MAX_HEAT_C", "secret")
    variables.setenv("KITCHEN_DOOR", "secret")

    assert "secret" not in str(_problems())


def test_problems_end_the_process_with_2(
    variables: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables.setenv("KITCHEN_DOOR_IS_OPEN", "ajar")
    variables.setattr("sys.argv", ["kitchen"])

    with pytest.raises(SystemExit) as caught:
        read_settings_or_exit(Kitchen, "kitchen")

    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        "kitchen cannot start:\n"
        "  - KITCHEN_DOOR_IS_OPEN: Input should be a valid boolean, unable to interpret input\n"
    )


@pytest.mark.parametrize(
    ("argument", "code", "said"),
    [("--help", 0, "KITCHEN_"), ("--port", 2, "--port"), ("x", 2, "x")],
)
def test_arguments_end_the_process_and_help_says_where_settings_are(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argument: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["kitchen", argument])

    with pytest.raises(SystemExit) as caught:
        read_settings_or_exit(Kitchen, "kitchen")

    printed = capsys.readouterr()
    assert caught.value.code == code
    assert said in printed.out + printed.err


def test_any_problem_can_end_the_process_in_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        exit_with_problems("kitchen", ["it is on fire", "it is wet"])

    assert caught.value.code == 2
    expected = "kitchen cannot start:\n  - it is on fire\n  - it is wet\n"
    assert capsys.readouterr().err == expected


def _problems() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(Kitchen)
    return caught.value.problems
