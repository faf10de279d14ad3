import pytest
from typer.testing import CliRunner

from gateway.accounts.caller import RateLimits
from mattebox.cli import app
from tests.unit.mattebox.accounts.conftest import EMAIL, Operator

LIMITS = ("--requests-per-minute", "90", "--megapixels-per-minute", "unlimited")


def test_the_first_plans_are_there_from_the_start(ann: Operator) -> None:
    assert ann.said("plans", "list") == (
        "plan      requests/minute  megapixels/minute\n"
        "local                6000          unlimited\n"
        "standard              600               6000\n"
    )


def test_a_plan_is_made_in_a_database_that_was_not_there(operator: Operator) -> None:
    made = operator.json("plans", "set", "pro", *LIMITS)

    assert made == {"name": "pro", "requests_per_minute": 90, "megapixels_per_minute": None}
    assert made in operator.json("plans", "list")


def test_new_limits_of_a_plan_hold_for_its_keys(ann: Operator) -> None:
    key = ann.json("keys", "create", "--account", EMAIL)["key"]

    printed = ann.said("plans", "set", "standard", *LIMITS)
    record = ann.recognised(key)

    assert printed.splitlines()[1].split() == ["standard", "90", "unlimited"]
    assert record is not None
    limits = RateLimits(record.requests_per_minute, record.megapixels_per_minute)
    assert limits == RateLimits(90, None)


@pytest.mark.parametrize("name", ["Gold", "-gold", "", "a" * 65])
def test_a_name_that_is_none_is_an_error(ann: Operator, name: str) -> None:
    options = [*LIMITS, *ann.options, "--", name]

    result = CliRunner().invoke(app, ["plans", "set", *options])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("mattebox: The name of a plan is up to 64 small letters")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1000000001"])
def test_a_limit_that_is_none_is_refused(ann: Operator, limit: str) -> None:
    result = ann.call(
        "plans", "set", "pro", f"--requests-per-minute={limit}", "--megapixels-per-minute=1"
    )

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--requests-per-minute" in result.stderr


def test_both_limits_are_to_be_named(ann: Operator) -> None:
    result = ann.call("plans", "set", "pro", "--requests-per-minute", "90")

    assert result.exit_code == 2
    assert "--megapixels-per-minute" in result.stderr
