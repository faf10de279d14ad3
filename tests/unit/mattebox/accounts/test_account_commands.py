import pytest

from tests.unit.mattebox.accounts.conftest import EMAIL, Operator

TABLE = """\
account          plan      state
ann@example.com  standard  active
"""


def test_an_account_is_made_with_the_standard_plan(operator: Operator) -> None:
    result = operator.call("accounts", "create", "Ann@Example.com")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Made the account ann@example.com with the plan standard.\n"
    assert operator.said("accounts", "list") == TABLE


def test_an_account_is_made_with_the_plan_that_is_named(operator: Operator) -> None:
    assert operator.json("accounts", "create", EMAIL, "--plan", "local") == {
        "email": EMAIL,
        "plan": "local",
        "state": "active",
    }


def test_a_plan_that_is_not_there_is_an_error(operator: Operator) -> None:
    result = operator.call("accounts", "create", EMAIL, "--plan", "gold")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "mattebox: There is no plan 'gold'; there are local, standard. Name one of these, or make"
        " one with `mattebox plans set`.\n"
    )


def test_an_address_has_one_account(ann: Operator) -> None:
    result = ann.call("accounts", "create", EMAIL.upper())

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"mattebox: There is an account of {EMAIL} already. `mattebox keys create` makes keys of"
        " it.\n"
    )


@pytest.mark.parametrize("command", ["create", "suspend", "activate", "delete"])
def test_what_is_no_address_is_refused(operator: Operator, command: str) -> None:
    result = operator.call("accounts", command, "ann")

    assert result.exit_code == 2
    assert "'ann' is no e-mail address." in result.stderr


@pytest.mark.parametrize("command", ["suspend", "activate", "delete"])
def test_an_account_that_is_not_there_is_an_error(ann: Operator, command: str) -> None:
    result = ann.call("accounts", command, "bob@example.com")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "mattebox: There is no account of bob@example.com. `mattebox accounts list` shows all, and"
        " `mattebox accounts create` makes one.\n"
    )


def test_a_suspended_account_says_so_with_its_keys_until_it_is_active(ann: Operator) -> None:
    key = ann.json("keys", "create", "--account", EMAIL)["key"]

    said = ann.said("accounts", "suspend", EMAIL)
    while_suspended = ann.recognised(key)
    listed = ann.said("keys", "list")

    assert said == f"{EMAIL} is suspended; its keys are refused within seconds.\n"
    assert while_suspended is not None
    assert while_suspended.account_suspended
    assert ann.json("accounts", "list")[0]["state"] == "suspended"
    assert " suspended " in listed
    assert ann.json("keys", "list")[0]["account_suspended"]

    assert ann.said("accounts", "activate", EMAIL) == (
        f"{EMAIL} is active; its keys are accepted within seconds.\n"
    )
    again = ann.recognised(key)
    assert again is not None
    assert not again.account_suspended


def test_suspending_twice_is_no_error(ann: Operator) -> None:
    for _ in range(2):
        assert ann.json("accounts", "suspend", EMAIL)["state"] == "suspended"
    for _ in range(2):
        assert ann.json("accounts", "activate", EMAIL)["state"] == "active"


def test_an_account_is_deleted_once_it_is_confirmed(ann: Operator) -> None:
    key = ann.json("keys", "create", "--account", EMAIL)["key"]

    for answer in ("n\n", "\n", ""):
        kept = ann.call("accounts", "delete", EMAIL, typed=answer)
        assert kept.exit_code == 1
        assert (
            f"Delete {EMAIL}, its keys (1) and their usage? This cannot be undone." in kept.stderr
        )
        assert ann.recognised(key) is not None
    gone = ann.call("accounts", "delete", EMAIL, typed="y\n")

    assert gone.exit_code == 0
    assert gone.stdout.endswith(
        f"Deleted {EMAIL}, its keys (1), which are refused within seconds, and their usage.\n"
    )
    assert ann.recognised(key) is None
    assert ann.json("accounts", "list") == []


def test_scripts_delete_without_being_asked(ann: Operator) -> None:
    deleted = ann.json("accounts", "delete", EMAIL.upper(), "--yes")

    assert deleted == {"email": EMAIL, "deleted_keys": 0}
    assert ann.json("keys", "list") == []


def test_the_list_as_json_is_an_array_by_address(ann: Operator) -> None:
    ann.said("accounts", "create", "aaron@example.com", "--plan", "local")

    assert ann.json("accounts", "list") == [
        {"email": "aaron@example.com", "plan": "local", "state": "active"},
        {"email": EMAIL, "plan": "standard", "state": "active"},
    ]
