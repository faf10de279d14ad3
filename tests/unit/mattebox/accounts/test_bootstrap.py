import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.mattebox.accounts.conftest import Operator


def bootstrap(**env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "mattebox.accounts.bootstrap"],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )


def new_key(operator: Operator) -> str:
    done = bootstrap(MATTEBOX_GATEWAY_DATABASE_URL=operator.url)
    assert (done.returncode, done.stderr) == (0, "")
    key: str = json.loads(done.stdout)["key"]
    return key


def test_the_first_key_comes_with_its_account_and_plan(operator: Operator) -> None:
    record = operator.recognised(new_key(operator))

    assert record is not None
    assert (record.name, record.mode) == ("bootstrap", "live")
    assert (record.email, record.plan) == ("local@mattebox.internal", "local")
    assert (record.requests_per_minute, record.megapixels_per_minute) == (6000, None)


def test_the_next_key_revokes_the_last_and_no_other(operator: Operator) -> None:
    first = new_key(operator)
    other = operator.json("keys", "create", "--account", "local@mattebox.internal")["key"]

    second = new_key(operator)

    assert operator.recognised(first) is None
    assert operator.recognised(other) is not None
    assert operator.recognised(second) is not None


def test_it_may_start_while_commands_make_the_same_database(operator: Operator) -> None:
    emails = [f"a{number}@b.c" for number in range(3)]
    program = [sys.executable, "-c", "from mattebox.cli import main; main()", "accounts", "create"]
    commands = [
        subprocess.Popen([*program, email, *operator.options], stdout=subprocess.PIPE)
        for email in emails
    ]

    key = new_key(operator)

    for command in commands:
        command.communicate()
    assert [command.returncode for command in commands] == [0, 0, 0]
    assert operator.recognised(key) is not None
    assert [account["email"] for account in operator.json("accounts", "list")] == [
        *emails,
        "local@mattebox.internal",
    ]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (
            {"MATTEBOX_GATEWAY_DATABASE_URL": "mysql://a:secret-word@b/c"},
            "A database URL is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.\n",
        ),
        (
            {"MATTEBOX_GATEWAY_KEYS_FILE": "keys.json"},
            (
                "MATTEBOX_GATEWAY_KEYS_FILE is not a setting. "
                "Did you mean MATTEBOX_GATEWAY_KEYS_PEPPER_FILE?\n"
            ),
        ),
        (
            {"MATTEBOX_GATEWAY_KEYS_PEPPER_FILE": "nowhere"},
            "cannot read nowhere: No such file or directory.\n",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_and_no_key(env: dict[str, str], said: str) -> None:
    done = bootstrap(**env)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_the_key_stands_nowhere_on_disk(operator: Operator, state_dir: Path) -> None:
    secret = new_key(operator).split("_")[3].encode()

    for path in state_dir.iterdir():
        assert secret not in path.read_bytes(), path
