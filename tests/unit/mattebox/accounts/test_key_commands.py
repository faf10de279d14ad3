import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.mattebox.accounts.conftest import EMAIL, Operator

UNKNOWN = "000000000000"


def create(ann: Operator, *options: str) -> Any:
    """Makes a key; returns what is told of it, the key included."""
    return ann.json("keys", "create", "--account", EMAIL, *options)


def listed(ann: Operator, key_id: str) -> Any:
    (found,) = [key for key in ann.json("keys", "list") if key["id"] == key_id]
    return found


def until(moment: str) -> timedelta:
    return datetime.fromisoformat(moment) - datetime.now(UTC)


def test_a_key_is_alone_on_standard_output_and_is_recognised(ann: Operator) -> None:
    result = ann.call("keys", "create", "--account", EMAIL, "--name", "web shop")

    assert result.exit_code == 0
    key = result.stdout.removesuffix("\n")
    record = ann.recognised(key)
    assert record is not None
    assert (record.email, record.mode, record.name) == (EMAIL, "live", "web shop")
    assert (record.requests_per_minute, record.megapixels_per_minute) == (600, 6000)
    assert result.stderr == (
        f"This is the key {record.key_id} of {EMAIL}."
        " It cannot be shown again; only a hash of it is kept.\n"
    )


@pytest.mark.parametrize("command", ["create", "rotate"])
def test_quiet_prints_the_key_and_nothing_else(ann: Operator, command: str) -> None:
    arguments = ["--account", EMAIL] if command == "create" else [create(ann)["id"]]

    result = ann.call("keys", command, *arguments, "--quiet")

    assert (result.exit_code, result.stderr) == (0, "")
    assert ann.recognised(result.stdout.removesuffix("\n")) is not None


def test_json_tells_all_but_the_hash(ann: Operator) -> None:
    made = create(ann, "--name", "web")

    key, created_at = made.pop("key"), made.pop("created_at")
    record = ann.recognised(key)
    assert record is not None
    assert timedelta(minutes=-2) < until(created_at) <= timedelta()
    assert made == {
        "id": record.key_id,
        "fingerprint": record.fingerprint,
        "account": EMAIL,
        "account_suspended": False,
        "mode": "live",
        "name": "web",
        "plan": "standard",
        "requests_per_minute": 600,
        "megapixels_per_minute": 6000,
        "state": "active",
        "expires_at": None,
        "revoked_at": None,
        "replaced_by": None,
        "last_used_at": None,
    }


def test_the_lists_never_hold_keys_or_hashes(ann: Operator) -> None:
    key = create(ann)["key"]
    record = ann.recognised(key)
    assert record is not None

    for printed in (ann.said("keys", "list"), ann.said("keys", "list", "--json")):
        assert key not in printed
        assert key.split("_")[3] not in printed
        assert record.digest not in printed


def test_the_list_is_a_table(ann: Operator) -> None:
    made = create(ann, "--rate", "5/minute", "--expires", "2999-01-01")
    admin = create(ann, "--mode", "admin", "--name", "ops")

    header, *rows = ann.said("keys", "list").splitlines()

    assert header.split() == [
        *("id", "fingerprint", "account", "mode", "name", "plan", "requests/min", "MP/min"),
        *("state", "created", "expires", "last", "used"),
    ]
    created = made["created_at"].removesuffix("+00:00").split("T")
    assert rows[0].split() == [
        *(made["id"], made["fingerprint"], EMAIL, "live", "-", "standard", "5", "6000", "active"),
        *(*created, "2999-01-01", "00:00:00", "-"),
    ]
    assert rows[1].split()[:9] == [
        *(admin["id"], admin["fingerprint"], EMAIL, "admin", "ops", "standard", "-", "-"),
        "active",
    ]


def test_the_list_may_be_of_one_account(ann: Operator) -> None:
    ann.said("accounts", "create", "bob@example.com")
    made = create(ann)

    assert [key["id"] for key in ann.json("keys", "list", "--account", EMAIL)] == [made["id"]]
    assert ann.json("keys", "list", "--account", "bob@example.com") == []
    assert ann.call("keys", "list", "--account", "eve@example.com").exit_code == 1


@pytest.mark.parametrize("mode", ["live", "admin", "synthetic"])
def test_a_key_shows_its_mode(ann: Operator, mode: str) -> None:
    made = create(ann, "--mode", mode)

    assert made["mode"] == mode
    assert made["key"].startswith(f"mb_{mode}_{made['id']}_")


def test_a_key_may_have_a_plan_and_a_rate_of_its_own(ann: Operator) -> None:
    made = create(ann, "--plan", "local", "--rate", "7/minute")
    record = ann.recognised(made["key"])

    assert record is not None
    assert record.plan == "local"
    assert (record.requests_per_minute, record.megapixels_per_minute) == (7, None)


def test_a_key_may_expire(ann: Operator) -> None:
    assert until(create(ann, "--expires", "90d")["expires_at"]).days in {89, 90}
    assert create(ann, "--expires", "2999-01-31")["expires_at"] == "2999-01-31T00:00:00+00:00"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--rate", "600/hour"), ("--rate", "0"), ("--mode", "root"), ("--account", "ann")),
        *(("--expires", "2001-01-01"), ("--expires", "0"), ("--expires", "soon")),
    ],
)
def test_a_value_that_is_none_is_refused_by_its_option(
    ann: Operator, option: str, value: str
) -> None:
    result = ann.call("keys", "create", "--account", EMAIL, f"{option}={value}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{option}'" in result.stderr
    assert ann.json("keys", "list") == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--plan", "gold"), "There is no plan 'gold'; there are local, standard."),
        (("--name", "x" * 101), "The name of a key is up to 100 printable characters."),
        (("--account", "bob@example.com"), "There is no account of bob@example.com."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    ann: Operator, options: tuple[str, str], sentence: str
) -> None:
    result = ann.call("keys", "create", "--account", EMAIL, *options)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"mattebox: {sentence}")


def test_a_revoked_key_is_not_recognised_and_says_so(ann: Operator) -> None:
    made, other = create(ann), create(ann)

    said = ann.said("keys", "revoke", made["id"])

    assert said == f"The key {made['id']} of {EMAIL} is refused within seconds.\n"
    assert ann.recognised(made["key"]) is None
    assert ann.recognised(other["key"]) is not None
    assert listed(ann, made["id"])["state"] == "revoked"
    assert " revoked " in ann.said("keys", "list")


def test_revoking_twice_keeps_the_first_time(ann: Operator) -> None:
    key_id = create(ann)["id"]

    first = ann.json("keys", "revoke", key_id)

    assert first["revoked_at"] is not None
    assert ann.json("keys", "revoke", key_id) == first


def test_a_rotated_key_is_accepted_for_the_overlap_beside_the_new_one(ann: Operator) -> None:
    old = create(ann, "--name", "web", "--rate", "7/minute")

    result = ann.call("keys", "rotate", old["id"], "--overlap", "7d")

    assert result.exit_code == 0
    record = ann.recognised(result.stdout.removesuffix("\n"))
    assert record is not None
    assert (record.name, record.requests_per_minute, record.email) == ("web", 7, EMAIL)
    assert ann.recognised(old["key"]) is not None
    now_old = listed(ann, old["id"])
    assert (now_old["state"], now_old["replaced_by"]) == ("rotating", record.key_id)
    assert until(now_old["expires_at"]).days == 6
    ends = now_old["expires_at"].removesuffix("+00:00").replace("T", " ")
    assert result.stderr == (
        f"This is the key {record.key_id} of {EMAIL}."
        " It cannot be shown again; only a hash of it is kept.\n"
        f"The key {old['id']} is accepted until {ends} UTC.\n"
    )


def test_the_overlap_is_a_day_unless_it_is_named(ann: Operator) -> None:
    made = ann.json("keys", "rotate", create(ann)["id"])

    assert until(made["replaces"]["expires_at"]).seconds // 3600 == 23
    assert ann.recognised(made["key"]) is not None


def test_without_an_overlap_the_old_key_is_revoked(ann: Operator) -> None:
    old = create(ann)

    result = ann.call("keys", "rotate", old["id"], "--overlap", "0")

    assert result.exit_code == 0
    assert result.stderr.endswith(f"The key {old['id']} is refused within seconds.\n")
    assert ann.recognised(old["key"]) is None
    assert ann.recognised(result.stdout.removesuffix("\n")) is not None


def test_a_key_is_rotated_once(ann: Operator) -> None:
    old = create(ann)
    made = ann.json("keys", "rotate", old["id"])

    result = ann.call("keys", "rotate", old["id"])

    assert result.exit_code == 1
    assert result.stderr == (
        f"mattebox: The key {old['id']} was rotated before: {made['id']} has taken over."
        " Rotate that one.\n"
    )


def test_a_key_that_leaked_is_rotated_and_revoked_by_itself(ann: Operator) -> None:
    old = create(ann)

    new = ann.json("keys", "rotate", old["key"])
    revoked = ann.json("keys", "revoke", new["key"])

    assert new["replaces"]["id"] == old["id"]
    assert (revoked["id"], revoked["state"]) == (new["id"], "revoked")


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_a_key_that_is_not_there_is_an_error(ann: Operator, command: str) -> None:
    result = ann.call("keys", command, UNKNOWN)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"mattebox: There is no key '{UNKNOWN}'. `mattebox keys list` shows those there are.\n"
    )


@pytest.mark.parametrize("overlap", ["-1h", "day", "1w"])
def test_an_overlap_that_is_none_is_refused(ann: Operator, overlap: str) -> None:
    key_id = create(ann)["id"]

    assert ann.call("keys", "rotate", key_id, f"--overlap={overlap}").exit_code == 2
    assert listed(ann, key_id)["replaced_by"] is None


def test_a_shell_takes_the_key_from_standard_output(ann: Operator) -> None:
    program = [sys.executable, "-c", "from mattebox.cli import main; main()"]
    arguments = ["keys", "create", "--account", EMAIL, "--quiet", *ann.options]

    done = subprocess.run([*program, *arguments], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert ann.recognised(done.stdout.removesuffix("\n")) is not None
